-- math.random: Lua's own numbers, the same in every process, and in a run those of its key.
local t = dofile "tests/harness.lua"
local project = dofile "tests/fixtures/project_fixture.lua"(t)
local random = require "lab.c.random"

t.test("after a seed, the numbers of Lua 5.4", function()  -- as plain Lua 5.4 printed them
  t.equal({ math.randomseed(42) }, { 42, 0 })
  t.equal({ math.random(), math.random(), math.random(10), math.random(-5, 5), math.random(0), math.random(math.mininteger, math.maxinteger),
      math.random(1, 1 << 40), math.random(7) },
    { 0.93081217803956817, 0.45178389935924312, 6, 0, 177101407732369983, 8557396579841723654, 1061609342578, 1 })
  math.randomseed(7, 9)
  t.equal({ math.random(), math.random(1000), math.random(64) }, { 0.25138976101884924, 632, 11 })
  math.randomseed(-3.0)
  t.equal({ math.random(), math.random(1000) }, { 0.3196627899223482, 641 })
  math.randomseed(1)
  local sum = 0
  for _ = 1, 100000 do sum = sum ~ math.random(1 << 50) ~ math.random(3, 1000003) end
  t.equal(sum, 290758879610127)
end)

t.test("wrong arguments are refused as Lua refuses them", function()
  t.raises("number has no integer representation", math.random, 0.5)
  t.raises("interval is empty", math.random, 2, 1)
  t.raises("interval is empty", math.random, -1)
  t.raises("wrong number of arguments", math.random, 1, 2, 3)
  t.raises("number expected, got string", math.random, "x")
  t.raises("number has no integer representation", math.randomseed, 1.5)
end)

t.test("a stream can be kept and goes on where it was; what is no state changes nothing", function()
  math.randomseed(5)
  math.random()
  local state = random.state()
  local a, b = math.random(), math.random()
  for _, text in ipairs { "", "12", ("g"):rep(96), state .. "0", state:upper():sub(1, 95) .. "Z" } do t.equal(random.restore(text), false) end
  t.truthy(math.random() ~= a)
  t.equal(random.restore(state), true)
  t.equal({ math.random(), math.random() }, { a, b })
end)

t.test("without numbers math.randomseed begins the stream again", function()
  random.begin(11, 12)
  local a = math.random()
  t.equal({ math.randomseed() }, { 11, 12 })
  t.equal(math.random(), a)
end)

-- Two runs that draw, between draws of the script.
local script = [[
local lab = require "lab"
local before = math.random(1000000)
local runs = lab.runs { "draws", seed = { %s }, run = function(run, seed)
  run:log { a = math.random(1000000), b = math.random(1000000) }
end }
print("script", before, math.random(1000000))
for _, r in ipairs(runs) do print("run " .. r.arguments.seed, r:last "a", r:last "b", r.reused) end
]]

local function lines(p) return (p:setlab "setlab run --progress=none case.lua") end

t.test("the same numbers in every process, whatever ran before, trained or read back", function()
  local p = project.new { ["case.lua"] = script:format "1, 2" }
  local first, again = lines(p), lines(p)
  t.equal(again, (first:gsub("false", "true")))
  os.execute(("rm -r '%s/runs'"):format(p.dir))
  p:write("case.lua", script:format "2, 1")
  local turned = lines(p)
  for line in first:gmatch "[^\n]+" do t.truthy(turned:find(line, 1, true), line) end
  local a, b = first:match "run 1\t(%d+)", first:match "run 2\t(%d+)"
  t.truthy(a ~= b)
  p:write("case.lua", "local before = math.random(1000000) print('script', before, math.random(1000000))")
  t.equal(lines(p), first:match "^[^\n]*\n")
end)

t.test("a seed that a run sets is honoured, and stays in the run", function()
  local p = project.new { ["case.lua"] = [[
local lab = require "lab"
math.randomseed(3)
local runs = lab.runs { "draws", run = function(run)
  math.randomseed(42)
  run:log { a = math.random() }
end }
local drawn = math.random()
math.randomseed(3)
print(runs[1]:last "a", drawn == math.random())
]] }
  t.equal(lines(p), "0.93081217803957\ttrue\n")
end)

t.test("a run that fails gives the script's stream back", function()
  local p = project.new { ["case.lua"] = [[
local lab = require "lab"
math.randomseed(3)
lab.runs { "draws", run = function(run) math.random() error "no" end }
local drawn = math.random()
math.randomseed(3)
print(drawn == math.random())
]] }
  t.truthy(lines(p):find "true\n")
end)

t.done()
