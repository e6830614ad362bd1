-- Send the requests of a file, one line each: method, path, cookie, body, parted by tabs. BENCH_REPEATED=1 starts again at
-- the end; otherwise each line is sent once, and running out of them ends the run early (reported as exhausted).
local requests, position = {}, 0
local host = os.getenv("BENCH_HOST")

for line in io.lines(os.getenv("BENCH_REQUESTS")) do
  local method, path, cookie, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
  local headers = { ["Host"] = host, ["Origin"] = "http://" .. host }
  if cookie ~= "" then headers["Cookie"] = cookie end
  if method == "POST" then headers["Content-Type"] = "application/x-www-form-urlencoded" end
  requests[#requests + 1] = wrk.format(method, path, headers, method == "POST" and body or nil)
end

local repeated = os.getenv("BENCH_REPEATED") == "1"
local codes = { 200, 302, 303, 304, 400, 403, 404, 405, 409, 410, 413, 422, 429, 500, 502, 503 }
exhausted, other = 0, 0
local known = {}
for _, code in ipairs(codes) do known[code] = "status_" .. code; _G["status_" .. code] = 0 end

local threads = {}
function setup(thread) threads[#threads + 1] = thread end

function request()
  position = position + 1
  if position > #requests then
    if not repeated then exhausted = 1; wrk.thread:stop() end
    position = 1
  end
  return requests[position]
end

function response(status)
  local name = known[status]
  if name then _G[name] = _G[name] + 1 else other = other + 1 end
end

function done(summary, latency)
  local statuses = {}
  for _, code in ipairs(codes) do
    local number = threads[1]:get("status_" .. code)
    if number > 0 then statuses[#statuses + 1] = code .. "=" .. number end
  end
  if threads[1]:get("other") > 0 then statuses[#statuses + 1] = "0=" .. threads[1]:get("other") end
  local errors = summary.errors
  io.write(string.format("BENCH seconds=%.6f p50=%.3f p99=%.3f socket_errors=%d exhausted=%d statuses=%s\n",
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.timeout, threads[1]:get("exhausted"), table.concat(statuses, ",")))
end
