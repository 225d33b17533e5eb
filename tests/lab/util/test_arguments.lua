local t = dofile "tests/harness.lua"
local arguments = require "lab.util.arguments"

local flags = {
  output = { short = "o", value = "DIR", help = "where" },
  dry_run = { short = "n" },
  quiet = { short = "q" },
  threads = { value = "N", kind = "integer", min = 1, max = 8 },
  rate = { value = "X", kind = "number", default = 0.5 },
  progress = { value = "HOW", choices = { "auto", "none" } },
  only = { value = "NAME", repeated = true },
}
local function parse(words, more)
  local spec = { words, flags = flags }
  for k, v in pairs(more or {}) do spec[k] = v end
  return arguments.parse("setlab try", spec)
end

t.test("every way to write a value", function()
  for _, words in ipairs { { "--output=d" }, { "--output", "d" }, { "-o", "d" }, { "-od" }, { "-o=d" }, { "-no", "d" }, { "-nod" } } do
    t.equal(parse(words).output, "d")
  end
end)

t.test("switches, defaults, positional words in order", function()
  local opts, rest = parse { "a", "-nq", "b", "--dry-run" }
  t.equal(opts, { dry_run = true, quiet = true, rate = 0.5 })
  t.equal(rest, { "a", "b" })
end)

t.test("an empty value is a value", function() t.equal(parse({ "--output=" }).output, "") end)
t.test("a value may look like a flag", function() t.equal(parse({ "--output", "-n" }).output, "-n") end)
t.test("a repeated flag collects", function() t.equal(parse({ "--only=a", "--only", "b" }).only, { "a", "b" }) end)
t.test("the last of two wins", function() t.equal(parse({ "-o", "a", "-o", "b" }).output, "b") end)

t.test("-- ends the flags; - is a word", function()
  local opts, rest = parse { "-", "--", "-n", "--x" }
  t.equal(opts.dry_run, nil)
  t.equal(rest, { "-", "-n", "--x" })
end)

t.test("stop_early leaves the rest alone", function()
  local _, rest = parse({ "-n", "file", "--bogus", "-x" }, { stop_early = true })
  t.equal(rest, { "file", "--bogus", "-x" })
end)

t.test("overrides are collected only when asked for, and may hold =", function()
  local opts, rest = parse({ "x.lua", "lr=0.1", "where=a=b" }, { overrides = true })
  t.equal(opts.overrides, { lr = "0.1", where = "a=b" })
  t.equal(rest, { "x.lua" })
  opts, rest = parse { "lr=0.1" }
  t.equal(opts.overrides, nil)
  t.equal(rest, { "lr=0.1" })
end)

t.test("the words given stay as they were", function()
  local words = { "-n", "a" }
  parse(words)
  t.equal(words, { "-n", "a" })
end)

t.test("numbers are checked", function()
  t.equal(parse({ "--threads=2" }).threads, 2)
  t.equal(parse({ "--rate=1e-3" }).rate, 0.001)
  t.raises("%-%-threads wants a whole number, not '2.5'", parse, { "--threads=2.5" })
  t.raises("%-%-threads wants a whole number, not 'two'", parse, { "--threads=two" })
  t.raises("%-%-threads is 0, must be at least 1", parse, { "--threads=0" })
  t.raises("%-%-threads is 9, must be at most 8", parse, { "--threads=9" })
  t.raises("%-%-rate wants a number, not 'nan'", parse, { "--rate=nan" })
end)

t.test("mistakes name the nearest flag", function()
  t.raises("unknown option '%-%-thread' %(did you mean '%-%-threads'%?%)", parse, { "--thread=2" })
  t.raises("unknown option '%-x'", parse, { "-x" })
  t.raises("unknown option '%-%-dry_run' %(did you mean '%-%-dry%-run'%?%)", parse, { "--dry_run" })
  t.raises("%-%-progress has no choice 'non' %(did you mean 'none'%?%)", parse, { "--progress=non" })
  t.raises("%-%-quiet takes no value", parse, { "--quiet=yes" })
  t.raises("%-%-output wants a value", parse, { "--output" })
  t.raises("%-o wants a value", parse, { "-o" })
end)

t.test("errors are usage errors; --help is a question", function()
  local _, e = pcall(parse, { "--bogus" })
  t.equal(arguments.is_usage(e), true)
  t.equal(arguments.is_help(e), false)
  _, e = pcall(parse, { "a", "--help" })
  t.equal(arguments.is_help(e), true)
  t.equal(e.where, "setlab try")
  t.equal(arguments.is_usage "text", false)
end)

t.test("the help text comes from the same table", function()
  local text = arguments.describe(flags)
  t.truthy(text:find("-o, --output=DIR\n           where", 1, true), text)
  t.truthy(text:find("--dry-run", 1, true), text)
  for line in text:gmatch "[^\n]+" do t.truthy(#line <= 80, line) end
end)

t.done()
