local t = dofile "tests/harness.lua"
local facts = require "lab.run.machine"
local system = require "lab.c.system"

t.test("facts are scalars with names", function()
  local n = 0
  for name, value in pairs(facts) do
    n = n + 1
    t.equal(type(name), "string")
    t.truthy(type(value) == "string" or type(value) == "number", name)
    t.truthy(value ~= "", name)
  end
  t.truthy(n >= 12)
end)

t.test("what a page wants to tell is there", function()
  for _, name in ipairs { "setlab", "compiler", "flags", "cpu", "cores", "lua", "openblas", "plfit", "md4c", "zlib", "libzip", "libyaml", "xxhash" } do
    t.truthy(facts[name] ~= nil, name)
  end
  t.truthy(facts.setlab:match "^%d+%.%d+%.%d+$")
  t.truthy(facts.compiler:match "^gcc %d" or facts.compiler:match "^clang %d")
  t.truthy(facts.flags:find("-fopenmp", 1, true))
  t.equal(facts.nonsense, nil)
end)

t.test("cores: at least one, not more than processors", function()
  local cores, processors = system.cores()
  t.truthy(1 <= cores and cores <= processors)
end)

t.test("threads are set and told", function()
  local before = system.threads()
  t.equal(system.threads(1), 1)
  t.equal(facts.threads, 1)
  t.equal(system.threads(3), 3)
  t.equal(facts.threads, 3)
  system.threads(before)
  t.raises("not in %[1, 4096%]", system.threads, 0)
end)

t.test("one clock only goes forward, the other knows the year", function()
  local a, b = system.seconds(), system.seconds()
  t.truthy(b >= a)
  t.truthy(system.wall() > 1.7e9)
end)

t.test("memory: this process is smaller than the machine", function()
  local total, available, resident, peak = system.memory()
  t.truthy(0 < available and available <= total)
  t.truthy(0 < resident and resident <= peak + 1 and peak < total)
end)

t.test("standard input is no terminal in a test", function()
  t.equal(system.isatty(0), false)
  t.equal(system.isatty(99), false)
  t.equal(system.width(0), nil)
end)

t.test("an interrupt is an error with a known text, once", function()
  t.raises("^interrupted!$", function() system.interrupt_me() for _ = 1, 10 do end end)
  system.forget_interrupt()
  for _ = 1, 10 do end
end)

t.done()
