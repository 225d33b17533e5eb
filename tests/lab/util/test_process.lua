-- lab.c.process: what a child says, how it ends, and that it ends in time.

local t = dofile "tests/harness.lua"
local process = require "lab.c.process"

local function sh(script, options)
  options = options or {}
  options.argv = { "sh", "-c", script }
  return process.run(options)
end

t.test("status and both outputs", function()
  local r = sh "echo out; echo err >&2; exit 3"
  t.equal(r, { status = 3, out = "out\n", err = "err\n", timed_out = false })
end)

t.test("a signal is told from a status", function()
  local r = sh "kill -9 $$"
  t.equal({ r.status, r.signal }, { nil, 9 })
end)

t.test("no input unless given", function()
  t.equal(process.run({ argv = { "cat" } }).out, "")
  t.equal(process.run({ argv = { "cat" }, stdin = "a\0b" }).out, "a\0b")
end)

t.test("much on every pipe at once does not lock up", function()
  local text = ("0123456789"):rep(100000)
  t.equal(process.run({ argv = { "cat" }, stdin = text, timeout_seconds = 300 }).out == text, true)
  local r = sh("head -c 400000 /dev/zero >&2; head -c 400000 /dev/zero; head -c 400000 /dev/zero >&2", { timeout_seconds = 300 })
  t.equal({ #r.out, #r.err }, { 400000, 800000 })
end)

t.test("a child that does not read its input is no error", function()
  t.equal(process.run({ argv = { "true" }, stdin = ("x"):rep(1000000) }).status, 0)
end)

t.test("environment is added to, folder is changed", function()
  local r = sh('echo "$SETLAB_A|$LC_ALL|${PATH:+path}"; pwd', { env = { "SETLAB_A=a b", "LC_ALL=C" }, cwd = "/usr" })
  t.equal(r.out, "a b|C|path\n/usr\n")
end)

t.test("a time limit ends the whole group", function()
  local before = os.time()
  local r = sh("sleep 600 & echo $!; sleep 600", { timeout_seconds = 0.5 })
  while not r.out:find "%d" do r = sh("sleep 600 & echo $!; sleep 600", { timeout_seconds = 5 }) end  -- a busy machine
  t.equal({ r.timed_out, r.status }, { true, nil })
  t.truthy(os.time() - before < 600)
  -- Gone, or a zombie that waits for its new parent: no command line is left.
  sh(("while [ -n \"$(tr -d '\\0' </proc/%d/cmdline)\" ]; do sleep 0.02; done 2>/dev/null"):format(r.out:match "%d+"))
end)

t.test("a child that will not be asked is ended all the same", function()
  local r
  for _, seconds in ipairs { 0.2, 2, 20 } do  -- on a busy machine the limit may come before the trap
    r = sh("trap '' TERM; while :; do sleep 0.05; done", { timeout_seconds = seconds })
    if r.signal ~= 15 then break end
  end
  t.equal({ r.timed_out, r.signal }, { true, 9 })
end)

t.test("a program that is not there is a sentence, not an error", function()
  local r, why = process.run { argv = { "no-such-program-here" } }
  t.equal(r, nil)
  t.equal(why, "cannot start no-such-program-here: No such file or directory")
end)

t.test("misuse raises", function()
  t.raises("argv must name a program", process.run, { argv = {} })
  t.raises("argv%[2%] must be a string", process.run, { argv = { "true", {} } })
  t.raises("timeout_seconds must be", process.run, { argv = { "true" }, timeout_seconds = 0 / 0 })
  t.raises("table expected", process.run)
end)

t.done()
