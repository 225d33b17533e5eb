-- A script's own modules: found beside it, from whatever folder, and each script's its own.
local t = dofile "tests/harness.lua"
local project = dofile "tests/fixtures/project_fixture.lua"(t)
local session = require "lab.script.session"

local script = [[
local lab = require "lab"
local P = lab.params { a = 1, seed = 1 }
local helper = require "helper"
local runs = lab.runs { "r", seed = P.seed, run = function(run) run:log { value = helper.a() + P.a + require("deep.er") } end }
print("value", runs[1]:last "value", runs[1].reused)
]]

local function sub()
  return project.new { ["sub/case.lua"] = script, ["sub/helper.lua"] = "return { a = function() return 7 end }", ["sub/deep/er.lua"] = "return 0" }
end

t.test("the script's folder is searched, and what is found there counts", function()
  local p = sub()
  local function said() return (p:setlab "setlab run --progress=none sub/case.lua") end
  t.equal({ said(), said() }, { "value\t8\tfalse\n", "value\t8\ttrue\n" })
  p:write("sub/helper.lua", "return { a = function() return 8 end }")
  t.equal(said(), "value\t9\tfalse\n")
  p:write("sub/deep/er.lua", "return 10")
  t.equal({ said(), said() }, { "value\t19\tfalse\n", "value\t19\ttrue\n" })
  t.equal(p:setlab(("cd / && setlab run --progress=none --runs='%s/runs' '%s/sub/case.lua'"):format(p.dir, p.dir)), "value\t19\ttrue\n")
end)

t.test("a page and a sweep find it too", function()
  local p = sub()
  t.equal(select(2, p:setlab "setlab report --progress=none -o out sub/case.lua"), 0)
  t.truthy(t.read(p.dir .. "/out/case.html"):find "value\t8")
  p:write("sub/s.yaml", "script: case.lua\nobjective: {metric: value, goal: max}\nparams: {a: [1, 2]}\n")
  for _, last in ipairs { "2 of 2 done", "2 of 2 done %(2 read back%)" } do
    local said = p:setlab "setlab sweep sub/s.yaml"
    t.truthy(said:find(last), said)
  end
  p:write("sub/deep/er.lua", "return 10")
  t.truthy(p:setlab "setlab sweep sub/s.yaml":find "value=19 ")
end)

t.test("two scripts of one process may mean two modules by one name", function()
  local p = project.new { ["a/same.lua"] = "return 'a'", ["b/same.lua"] = "return 'b'" }
  local path, seen = package.path, {}
  package.loaded["what scripts saw"] = seen
  for _, folder in ipairs { "a", "b", "a" } do
    session.run(("%s/%s/x.lua"):format(p.dir, folder), 'local seen = package.loaded["what scripts saw"] seen[#seen + 1] = require "same"')
  end
  package.loaded["what scripts saw"] = nil
  t.equal(seen, { "a", "b", "a" })
  t.equal({ package.path, package.loaded.same }, { path, nil })
end)

t.test("one that is not there, or does not compile, is an error at the script's line", function()
  local p = project.new { ["sub/case.lua"] = "local a = 1\nlocal m = require 'nowhere'", ["sub/bad.lua"] = "return =" }
  local said, status = p:setlab "setlab run sub/case.lua"
  t.truthy(status == 1 and said:find "^sub/case.lua:2: module 'nowhere' not found" and said:find "sub/nowhere.lua", said)
  p:write("sub/case.lua", "local a = 1\nlocal m = require 'bad'")
  said = p:setlab "setlab run sub/case.lua"
  t.truthy(said:find "^sub/case.lua:2: error loading module 'bad'.*bad.lua:1: unexpected symbol", said)
  p:write("sub/bad.lua", "\nerror 'its own'")
  said = p:setlab "setlab run sub/case.lua"
  t.truthy(said:find "bad.lua:2: its own", said)
end)

t.test("a data file beside the script is named, since paths are relative to the current folder", function()
  local p = project.new { ["sub/case.lua"] = 'local lab = require "lab"\nlab.data.csv { train = "n.csv", test = "n.csv" }', ["sub/n.csv"] = "a,y\n1,2\n" }
  local said, status = p:setlab "setlab run sub/case.lua"
  t.truthy(status == 1 and said:find "^sub/case.lua:2: .*relative to the current folder: there is sub/n.csv", said)
  os.remove(p.dir .. "/sub/n.csv")
  t.truthy(not p:setlab "setlab run sub/case.lua":find "relative")
end)

t.done()
