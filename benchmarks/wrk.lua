-- wrk … -s wrk.lua URL -- API-KEY [update]: GET, or PATCH of another URL each time; prints sums as one line of JSON.
-- SPDX-License-Identifier: Apache-2.0

local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

function init(arguments)
    wrk.headers["D360-API-KEY"] = arguments[1]
    if arguments[2] ~= "update" then return end
    wrk.method = "PATCH"
    wrk.headers["Content-Type"] = "application/json"
    -- Rounds are seconds apart: no URL comes again.
    local turn = 0
    local update = '{"name":"archive","url":"https://archive.example.com/events/' .. os.time() .. "-" .. number .. '-%d"}'
    function request()
        turn = turn + 1
        return wrk.format(nil, nil, nil, update:format(turn))
    end
end

function done(summary)
    local errors = summary.errors
    print(string.format(
        '{"requests": %d, "microseconds": %d, "bytes": %d, "broken": %d, "refused": %d}', summary.requests, summary.duration,
        summary.bytes, errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
