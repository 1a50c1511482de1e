-- The calls of an SDK, for wrk: wrk … -- SCENARIO TENANTS. Tells requests and statuses as one line of figures.
local head = table.concat({
    "Host: 127.0.0.1", "Accept: application/json", "Content-Type: application/json",
    "User-Agent: OpenAI/Python 1.109.1", "X-Stainless-Lang: python", "X-Stainless-Package-Version: 1.109.1",
    "X-Stainless-OS: Linux", "X-Stainless-Arch: x64", "X-Stainless-Runtime: CPython",
    "X-Stainless-Runtime-Version: 3.12.4", "X-Stainless-Async: false", "X-Stainless-Retry-Count: 0",
    "X-Stainless-Read-Timeout: 600",
}, "\r\n")
local before = '{"model":"MODEL","messages":[{"role":"system","content":"You answer briefly and kindly."},'
    .. '{"role":"user","content":"Question '
local after = ': what should be kept in mind when a service is moved from one data centre to another?"}],'
    .. '"temperature":0.7,"max_tokens":64}'
local digits, number, tenants, ready = 15, 0, 1, {}

local function text(model, filling)
    local first = before:gsub("MODEL", model)
    local last = filling .. after
    return first, last, #first + digits + #last
end

function init(arguments)
    local scenario = arguments[1]
    tenants = tonumber(arguments[2])
    math.randomseed(tonumber(arguments[3]))
    number = scenario == "hit" and 0 or math.random(1, 999999) * 1000000
    local large = scenario == "large"
    local first, last, length = text(large and "gpt-4o" or "gpt-4o-mini", large and (" and also"):rep(3300) or "")
    for i = 0, tenants - 1 do
        local key = scenario == "unknown" and "unknown" or scenario == "spent" and "spent" or "tenant-" .. i
        ready[i] = "POST /v1/" .. (large and "completions" or "chat/completions") .. " HTTP/1.1\r\n" .. head
            .. "\r\nAuthorization: Bearer sk-sluice-bench-key-of-" .. key .. "\r\nContent-Length: " .. length
            .. "\r\n\r\n" .. first
    end
    ending = last
    counts = scenario ~= "hit"
end

local turn = 0
function request()
    turn = (turn + 1) % tenants
    if counts then number = number + 1 end
    return ready[turn] .. string.format("%015d", number) .. ending
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format("requests %d micros %d refused %d broken %d\n", summary.requests, summary.duration,
        errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
