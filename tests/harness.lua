-- harness.lua: tests in Lua.
--
--   local t = dofile "tests/harness.lua"
--   t.test("one and one", function() t.equal(1 + 1, 2) end)
--   t.done()
--
-- Prints TAP, one line a test; a failure says where and what. Run by `setlab test-file`.

local M = {}
local count, failed, names, directories = 0, 0, {}, {}
-- What ends a test: { [SKIP] = why } or { [FAIL] = what }; anything else is an error in it.
local SKIP, FAIL = {}, {}

local function show(v, depth)
  if type(v) == "string" then return ("%q"):format(v) end
  if type(v) ~= "table" or (depth or 0) > 4 then return tostring(v) end
  local keys, parts = {}, {}
  for k in pairs(v) do keys[#keys + 1] = k end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, k in ipairs(keys) do parts[#parts + 1] = ("[%s] = %s"):format(show(k), show(v[k], (depth or 0) + 1)) end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

local function same(a, b)
  if a == b or (a ~= a and b ~= b) then return true end
  if type(a) ~= "table" or type(b) ~= "table" then return false end
  for k in pairs(a) do if not same(a[k], b[k]) then return false end end
  for k in pairs(b) do if a[k] == nil then return false end end
  return true
end

-- The first line of the test file among the callers, for the message.
local function fail(message)
  for level = 3, 12 do
    local info = debug.getinfo(level, "Sl")
    if info and info.source:find("^@tests/") and not info.source:find("harness.lua", 1, true) then
      message = ("%s:%d: %s"):format(info.short_src, info.currentline, message)
      break
    end
  end
  error(setmetatable({ [FAIL] = message }, { __tostring = function() return message end }), 0)
end

-- Deep equality; NaN equals NaN.
function M.equal(got, want)
  if not same(got, want) then fail(("got %s, want %s"):format(show(got), show(want))) end
end

function M.near(got, want, tolerance)
  if type(got) ~= "number" or not (math.abs(got - want) <= (tolerance or 1e-9)) then
    fail(("got %s, want %s within %s"):format(show(got), show(want), tostring(tolerance or 1e-9)))
  end
end

function M.truthy(v, message) if not v then fail(message or ("got " .. tostring(v))) end return v end

-- The call must raise an error whose text matches the pattern; returns the text.
function M.raises(pattern, f, ...)
  local ok, err = pcall(f, ...)
  if ok then fail(("no error, want one like %q"):format(pattern)) end
  if not tostring(err):find(pattern) then fail(("error %q does not match %q"):format(tostring(err), pattern)) end
  return tostring(err)
end

function M.skip(why) error({ [SKIP] = why or "no reason given" }, 0) end

local function report(word, name, tail) print(("%s %d - %s%s"):format(word, count, name, tail or "")) end

-- Runs f; an error is a failure. Two tests of one name would hide each other: refused.
function M.test(name, f)
  assert(not names[name], "two tests are called '" .. name .. "'")
  names[name], count = true, count + 1
  local ok, err = xpcall(f, function(e)
    if type(e) == "table" and (e[SKIP] or e[FAIL]) then return e end
    return { [FAIL] = debug.traceback(tostring(e), 2) }
  end)
  if ok then return report("ok", name) end
  if err[SKIP] then return report("ok", name, " # SKIP " .. err[SKIP]) end
  failed = failed + 1
  report("not ok", name)
  print("# " .. err[FAIL]:gsub("\n", "\n# "))
end

-- How much more processor time work(large) takes than work(small): the least of some tries each, since a
-- busy machine only ever adds to it.
function M.growth(small, large, work)
  local function least(n)
    local best = math.huge
    for _ = 1, 4 do
      local start = os.clock()
      work(n)
      best = math.min(best, os.clock() - start)
    end
    return best
  end
  return least(large) / least(small)
end

-- A fresh directory, removed when the tests are done or have died.
function M.tmpdir()
  local pipe = assert(io.popen("mktemp -d \"${TMPDIR:-/tmp}/setlab-test.XXXXXX\""))
  local path = pipe:read("l")
  pipe:close()
  directories[#directories + 1] = assert(path, "no temporary directory")
  return path
end

local function tidy()
  for i = #directories, 1, -1 do
    os.execute("chmod -R u+rwX '" .. directories[i] .. "' 2>/dev/null; rm -rf '" .. directories[i] .. "'")
    directories[i] = nil
  end
end
M.tidy = setmetatable({}, { __gc = tidy })

-- The whole text of a file; writes one.
function M.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return text
end
function M.write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
  return path
end

-- Prints the plan. Without it run.sh takes the file for one that died half-way.
function M.done()
  print("1.." .. count)
  tidy()
  if failed > 0 then os.exit(1, true) end
end

return M
