-- What a run reads from outside: it is trained again when that is not the same any more, and only then.
local t = dofile "tests/harness.lua"
local project = dofile "tests/fixtures/project_fixture.lua"(t)
local yaml = require "lab.util.yaml"
local new, case = project.new, project.case

local data = "a,b,y\n%d,2,u\n3,4,v\n"

-- The ways to read: body of the run function, what stands before it, files, and the file that changes.
-- The value goes from 1 to 2.
local ways = {
  { "a module's module", 'local value = require("outer").value', file = "inner.lua", text = "return { n = %d }",
    files = { ["outer.lua"] = 'return { value = require("inner").n }' } },
  { "a module required inside a module's function", "local value = outer.value()", top = 'local outer = require "outer"', file = "inner.lua", text = "return %d",
    files = { ["outer.lua"] = 'return { value = function() return require "inner" end }' } },
  { "a computed module", 'local value = require("model_" .. P.model)', file = "model_a.lua", text = "return %d" },
  { "what a module reads as it is loaded", 'local value = require("out" .. "er")', file = "n.txt", text = "%d",
    files = { ["outer.lua"] = 'return require("in" .. "ner")', ["inner.lua"] = 'local f <close> = io.open "n.txt" return f:read "n"' } },
  { "a module that was loaded before", 'local value = require("in" .. "ner").value', top = 'require "inner"', file = "deep.lua", text = "return %d",
    files = { ["inner.lua"] = 'return { value = require("de" .. "ep") }' } },
  { "dofile", 'local value = dofile "n.lua"', file = "n.lua", text = "return %d" },
  { "dofile by another name", "local value = read 'n.lua'", top = "local read = dofile", file = "n.lua", text = "return %d" },
  { "loadfile", 'local value = loadfile("n.lua")()', file = "n.lua", text = "return %d" },
  { "io.open", 'local f <close> = io.open "n.txt" local value = f:read "n"', file = "n.txt", text = "%d" },
  { "io.open in a loaded chunk", [[local value = load "local f <close> = io.open 'n.txt' return f:read 'n'" ()]], file = "n.txt", text = "%d" },
  { "io.open in a coroutine", 'local value = coroutine.wrap(function() local f <close> = io.open "n.txt" return f:read "n" end)()', file = "n.txt", text = "%d" },
  { "io.open from the table of libraries", 'local f <close> = package.loaded.io.open("n.txt", "rb") local value = f:read "n"', file = "n.txt", text = "%d" },
  { "io.lines", 'local value for line in io.lines "n.txt" do value = tonumber(line) end', file = "n.txt", text = "%d" },
  { "io.input", 'io.input "n.txt" local value = io.read "n"', file = "n.txt", text = "%d" },
  { "data", 'local value = lab.data.csv { train = "n.csv", test = "other.csv" }.train:pixels(1)[1] // 1 | 0', file = "n.csv", text = data,
    files = { ["other.csv"] = data:format(9) } },
  { "the test split", 'local value = lab.data.csv { train = "other.csv", test = "n.csv" }.test:pixels(1)[1] // 1 | 0', file = "n.csv", text = data,
    files = { ["other.csv"] = data:format(9) } },
}

local function files_of(way, n)
  local files = { ["case.lua"] = case("  " .. way[2], way.top), [way.file] = way.text:format(n) }
  for name, text in pairs(way.files or {}) do files[name] = text end
  return files
end

for _, way in ipairs(ways) do
  t.test("a changed file is noticed: " .. way[1], function()
    local p = new(files_of(way, 1))
    t.equal({ p:value(), p:value() }, { "1 false", "1 true" })
    p:write(way.file, way.text:format(2))
    local said = p:setlab "setlab run --progress=none --explain case.lua"
    t.equal(said:match "value ([^\n]*)", "2 false")
    t.truthy(said:find(way.file, 1, true), said)
    t.equal(p:value(), "2 true")
  end)
end

t.test("a changed file is noticed through a sweep", function()
  for _, i in ipairs { 1, 3, 6, 9, 15 } do
    local way = ways[i]
    local p = new(files_of(way, 1))
    p:write("s.yaml", "sweep: s\nscript: case.lua\nobjective: {metric: value, goal: max}\nseeds: [1]\n")
    local function swept(pattern)
      local said = p:setlab "setlab sweep s.yaml"
      t.truthy(said:find(pattern), way[1] .. ": " .. said)
    end
    swept "value=1 "
    swept "1 read back"
    p:write(way.file, way.text:format(2))
    swept "value=2 "
    swept "1 read back"
  end
end)

t.test("a run of a sweep that failed for want of a file is run again when the file is there", function()
  local p = new { ["case.lua"] = case 'local f <close> = assert(io.open "n.txt") local value = f:read "n"',
    ["s.yaml"] = "script: case.lua\nobjective: {metric: value, goal: max}\n" }
  for _ = 1, 2 do t.truthy(p:setlab "setlab sweep s.yaml":find "1 failed") end
  p:write("n.txt", "5")
  local said = p:setlab "setlab sweep s.yaml"
  t.truthy(said:find "value=5 ", said)
end)

t.test("the environment counts, for a run and for a sweep's script", function()
  local body = 'local value = os.getenv "LEVEL" or "unset"'
  local p = new { ["case.lua"] = case(body) }
  t.equal({ p:value(), p:value(), p:value "LEVEL=3", p:value "LEVEL=3", p:value() }, { "unset false", "unset true", "3 false", "3 true", "unset false" })
  local said = p:setlab "LEVEL=4 setlab run --progress=none --explain case.lua"
  t.truthy(said:find("environment variable LEVEL is '4', was not set", 1, true), said)
  p = new { ["case.lua"] = case("local value = level + 0", 'local level = os.getenv "LEVEL"'), ["s.yaml"] = "script: case.lua\nobjective: {metric: value, goal: max}\n" }
  t.truthy(p:setlab "LEVEL=3 setlab sweep s.yaml":find "value=3 ")
  t.truthy(p:setlab "LEVEL=4 setlab sweep s.yaml":find "value=4 ")
  p = new { ["case.lua"] = case 'local value = #os.getenv "LEVEL"' }  -- bytes that are no UTF-8 are compared too
  local odd, other = "LEVEL=$(printf '\\377\\376')", "LEVEL=$(printf '\\376\\376\\376')"
  t.equal({ p:value(odd), p:value(odd), p:value(other) }, { "2 false", "2 true", "3 false" })
end)

t.test("a file that comes or goes is a change", function()
  local p = new { ["case.lua"] = case 'local f = io.open "n.txt" local value = f and f:read "a" or "none"' }
  t.equal({ p:value(), p:value() }, { "none false", "none true" })
  p:write("n.txt", "here")
  t.equal({ p:value(), p:value() }, { "here false", "here true" })
  os.remove(p.dir .. "/n.txt")
  t.truthy(p:setlab "setlab run --progress=none --explain case.lua":find "n.txt no longer exists")
  t.equal(p:value(), "none true")
end)

t.test("the same content at another time, or in a folder that has moved, is no change", function()
  local p = new { ["n.txt"] = "1", ["case.lua"] = case [[
    local fs = require "lab.c.fs"
    local f <close> = io.open(fs.current() .. "/n.txt") local g <close> = io.open "./n.txt"
    local value = f:read "n"]] }
  p:value()
  os.execute(("touch -d 2001-01-01 '%s/n.txt'; mv '%s' '%s-moved'"):format(p.dir, p.dir, p.dir))
  p.dir = p.dir .. "-moved"
  t.equal(p:value(), "1 true")
  os.execute(("mv '%s' '%s'"):format(p.dir, (p.dir:gsub("-moved$", ""))))
end)

t.test("what a run writes itself is no input", function()
  local p = new { ["case.lua"] = case [[
    local function put(path, text) local f <close> = io.open(path, "w") f:write(text) end
    local function get(path) local f <close> = io.open(path) return f:read "a" end
    put(run.path .. "/mine.txt", "1") put("scratch.txt", "2") put("first.txt", "3") os.rename("first.txt", "second.txt")
    local name = os.tmpname() put(name, "4")
    local value = get(run.path .. "/mine.txt") .. get "scratch.txt" .. get "second.txt" .. get(name)
    os.remove(name)]] }
  t.equal(p:value(), "1234 false")
  os.execute(("cd '%s' && rm scratch.txt second.txt runs/*/mine.txt"):format(p.dir))
  t.equal(p:value(), "1234 true")
  -- Also where it first looks whether the file is there, and where it writes by io.output; both are gone at its end.
  p = new { ["case.lua"] = case [[
    local function get(path) local f <close> = io.open(path) return f and f:read "a" end
    local value = get "kept.txt" or "none "
    local f = io.open("kept.txt", "w") f:write "5" f:close()
    io.output "other.txt" io.write "6" io.close() io.output(io.stdout)
    value = value .. get "kept.txt" .. get "other.txt"
    os.remove "kept.txt" os.remove "other.txt"]] }
  t.equal({ p:value(), p:value() }, { "none 56 false", "none 56 true" })
end)

t.test("a module counts for every run that requires it, whoever loaded it", function()
  local p = new { ["m.lua"] = "return 1", ["case.lua"] = [[
local lab = require "lab"
local runs = lab.runs { "two", seed = { 1, 2 }, run = function(run, seed) run:log { value = require("m" .. "") } end }
print(runs[1]:last "value", runs[2]:last "value", runs[1].reused, runs[2].reused)
]] }
  local function said() return (p:setlab "setlab run --progress=none case.lua") end
  t.equal({ said(), said() }, { "1\t1\tfalse\tfalse\n", "1\t1\ttrue\ttrue\n" })
  p:write("m.lua", "return 2")
  t.equal(said(), "2\t2\tfalse\tfalse\n")
end)

t.test("a saved net that a run loads, and another run's rows, count", function()
  local make = 'local lab = require "lab" local net <close> = lab.mlp { 4, 3, 2, wiring = lab.dense {}, seed = %d } net:save "net.npz"'
  local p = new { ["make.lua"] = make:format(1), ["case.lua"] = case 'local net <close> = lab.load "net.npz" local value = net:weights(1)[1]' }
  p:setlab "setlab run make.lua"
  local first = p:value():match "^(%S+) false$"
  t.truthy(first and p:value() == first .. " true")
  p:write("make.lua", make:format(2))
  p:setlab "setlab run make.lua"
  t.truthy(p:value():match "^(%S+) false$" ~= first)
  for _, read in ipairs { 'first[1]:last "x"', "first[1]:result().last.x" } do
    p = new { ["n.lua"] = "return 1", ["case.lua"] = case("local value = " .. read,
      'local first = lab.runs { "first", run = function(run) run:log { x = dofile "n.lua" } end }') }
    t.equal({ p:value(), p:value() }, { "1 false", "1 true" })
    p:write("n.lua", "return 2")
    t.equal(p:value(), "2 false")
  end
end)

t.test("lab.memo follows the same rule", function()
  local p = new { ["n.txt"] = "1", ["case.lua"] = [[
local lab = require "lab"
local made = 0
local value = lab.memo("n", 1, function() local f <close> = io.open "n.txt" return f:read "n" + math.random() - math.random() * 0 end)
print(("value %.12g"):format(value))
]] }
  local first = p:value()
  t.equal(p:value(), first)
  p:write("n.txt", "2")
  t.equal(p:value(), ("%.12g"):format(first + 1))
end)

t.test("what cannot be compared is refused in a run function, at its line", function()
  local function refused(body, pattern)
    local said = new { ["case.lua"] = case(body) }:setlab "setlab run --progress=none case.lua </dev/null"
    t.truthy(said:find("case.lua:5: " .. pattern), said)
  end
  refused("local value = os.time()", "os.time%(%) in a run function: .*run.seconds")
  refused("local value = os.date()", "os.date without a time")
  refused("local value = os.date '%Y'", "os.date without a time")
  refused("local value = io.popen('date'):read 'a'", "io.popen in a run function")
  refused("local value = io.read()", "io.read in a run function")
  refused("local value for l in io.lines() do value = l end", "io.lines without a file in a run function")
  refused("local value = io.stdin:read 'a'", "io.stdin:read in a run function")
  refused("local value for l in io.stdin:lines() do value = l end", "io.stdin:lines in a run function")
  refused("local value = io.input():read 'a'", "io.input without a file in a run function")
  refused("io.input(io.stdin) local value = io.read()", "io.input%(io.stdin%) in a run function")
  refused("local value = package.searchpath('m', './?.lua') or 'none'", "package.searchpath in a run function")
  refused("local value = io.open '/dev/urandom':read(1)", "'/dev/urandom' is not a regular file")
  local p = new { ["case.lua"] = case([[
    local value = os.date("!%Y", 0) + (os.clock() >= 0 and run.seconds >= 0 and os.time { year = 2000, month = 1, day = 2, hour = 0 } > 0 and 1 or 0)
    value = math.tointeger(value)]], "assert(os.time() > 0 and os.date() and io.popen('echo 1'):read 'n' == 1)") }
  t.equal({ p:value(), p:value() }, { "1971 false", "1971 true" })
end)

t.test("programs that a run starts are noted, and said each time", function()
  local p = new { ["case.lua"] = case 'os.execute "true" local value = 1' }
  for _ = 1, 2 do t.truthy(p:setlab "setlab run --progress=none case.lua":find "warning: the run function starts programs %(true%)") end
end)

-- The run.yaml of the only run, as a table, and a way to write it.
local function configuration(p)
  local path = io.popen(("ls '%s'/runs/*/run.yaml"):format(p.dir)):read "l"
  return yaml.read(t.read(path)), function(c) t.write(path, yaml.write(c)) end
end

t.test("a run without a record is used again only if its code names no word that reads", function()
  for _, body in ipairs { "local value = 1", "local value = io and 1" } do
    local p = new { ["case.lua"] = case(body) }
    p:value()
    local c, write = configuration(p)
    t.equal(c.reads, {})
    c.reads = nil
    write(c)
    t.equal(p:value(), "1 true")
  end
  local p = new { ["n.lua"] = "return 1", ["case.lua"] = case 'local value = dofile "n.lua"' }
  p:value()
  local c, write = configuration(p)
  t.truthy(c.reads.files["n.lua"])
  c.reads = nil
  write(c)
  t.equal({ p:value(), p:value() }, { "1 false", "1 true" })
  for _, damaged in ipairs { "x", 1, { files = 1 }, { modules = { a = "b" } }, { environment = { A = {} } } } do
    c = configuration(p)
    c.reads = damaged
    write(c)
    t.equal(p:value(), "1 false")
  end
end)

t.test("a read-only store says what has changed, and keeps the run", function()
  local p = new(files_of(ways[6], 1))
  p:value()
  p:write("n.lua", "return 2")
  p:write("only.lua", [[
local session, store = require "lab.script.session", require "lab.run.store"
store.directory, store.read_only = "runs", true
session.run("case.lua", session.read_script "case.lua")
]])
  local said = p:setlab "setlab test-file only.lua"
  t.truthy(said:find "n.lua has changed, and nothing is trained here", said)
  p:write("n.lua", "return 1")
  t.equal(p:value(), "1 true")
end)

-- Stops after an epoch as a kill would, then goes on.
local function trained(change)
  local p = new { ["n.txt"] = "5", ["case.lua"] = [[
local lab = require "lab"
local data = lab.data.madelon { train = 40, test = 20, informative = 2, redundant = 2, useless = 2 }
local runs = lab.runs { "c", run = function(run)
  local f <close> = io.open "n.txt"
  local level = f:read "n"
  local net <close> = lab.mlp { 6, 5, 2, wiring = lab.dense {}, seed = 1 }
  for epoch in net:epochs(data.train, { epochs = 6, batch = 10, lr = 0.1, checkpoint = { run = run, every = 1 } }) do
    run:log { epoch = epoch.n, drawn = math.random(1000000), level = level }
    if epoch.n == 4 and os.rename("stop", "stopped") then os.execute "kill -9 $PPID" end
  end
end }
for _, row in ipairs(runs[1]:rows()) do io.write(row.drawn, " ", row.level, "\n") end
]] }
  if change then
    p:write("stop", "")
    p:setlab "setlab run --progress=none case.lua"
    change(p)
  end
  return p:setlab "{ setlab run --progress=none case.lua 2>notes; }", t.read(p.dir .. "/notes")
end

t.test("a checkpoint keeps where math.random stands, and what was read before it", function()
  local whole = trained()
  t.equal(select(2, whole:gsub("%d+ 5\n", "")), 6)
  local resumed, notes = trained(function() end)
  t.equal(resumed, whole)
  t.truthy(not notes:find "starts again", notes)
  local other
  other, notes = trained(function(p) p:write("n.txt", "6") end)
  t.equal(other, (whole:gsub(" 5\n", " 6\n")))
  t.truthy(notes:find "n.txt has changed; the run starts again", notes)
end)

t.done()
