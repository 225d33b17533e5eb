-- lab.c.fs: folders claimed once, files written whole, locks that die with their process.
local t = dofile "tests/harness.lua"
local fs, hash = require "lab.c.fs", require "lab.c.hash"

local root = t.tmpdir() .. "/a folder with blanks"

t.test("mkdir is won once", function()
  t.equal(fs.mkdir(root), true)
  local ok, why, code = fs.mkdir(root)
  t.equal({ ok, code }, { nil, "exists" })
  t.truthy(why:find(root, 1, true), why)
  ok, why, code = fs.mkdir(root .. "/no/such")
  t.equal({ ok, code }, {})
  t.truthy(why:find("No such file", 1, true), why)
end)

t.test("mkdirs makes all that is missing, and refuses a file on the way", function()
  t.equal(fs.mkdirs(root .. "/x/y//z/"), true)
  t.equal(fs.mkdirs(root .. "/x/y/z"), true)
  t.equal(fs.stat(root .. "/x/y/z").kind, "directory")
  t.write(root .. "/file", "text")
  local ok, why = fs.mkdirs(root .. "/file/x")
  t.equal(ok, nil)
  t.truthy(why:find("Not a directory", 1, true), why)
end)

t.test("a file is written whole or not at all", function()
  local path = root .. "/whole"
  local text = ("all \0 bytes\n"):rep(20000)
  t.equal(fs.write_file(path, text), true)
  t.equal(fs.read_file(path), text)
  t.equal(fs.write_file(path, ""), true)
  t.equal(fs.read_file(path), "")
  local ok, why = fs.write_file(root .. "/x", "a folder has that name")
  t.equal(ok, nil)
  t.truthy(why:find(root .. "/x", 1, true), why)
  t.equal(fs.list(root), { "file", "whole", "x" })  -- no temporary name is left
  local found = fs.stat(path)
  t.equal(found, { kind = "file", size = 0, mtime = found.mtime, mtime_ns = found.mtime_ns })
  t.equal(found.mtime_ns // 1000000000, found.mtime)
end)

t.test("a link in the temporary file's place is not followed", function()
  local victim = t.write(root .. "/victim", "keep me")
  os.execute(("ln -s victim '%s/aim.tmp%d'"):format(root, fs.pid()))
  t.equal(fs.write_file(root .. "/aim", "x"), nil)
  t.equal(t.read(victim), "keep me")
end)

t.test("what cannot be read says so", function()
  for _, path in ipairs { root .. "/absent", root } do
    local text, why = fs.read_file(path)
    t.equal(text, nil)
    t.truthy(why:find(path, 1, true), why)
  end
  local names, why = fs.list(root .. "/file")
  t.equal(names, nil)
  t.truthy(why:find("list", 1, true))
end)

t.test("a file is cut back to its first bytes", function()
  local path = t.write(t.tmpdir() .. "/x", "one\ntwo\n")
  t.equal({ fs.truncate(path, 4), t.read(path) }, { true, "one\n" })
  local a <close> = fs.appender(path)
  a:write "three\n"
  t.equal({ a:sync(), fs.truncate(path, 4), a:write "four\n", t.read(path) }, { true, true, true, "one\nfour\n" })
  t.truthy(select(2, fs.truncate(path .. "y", 1)):find "cannot open .*xy: No such file")
  t.truthy(select(2, fs.appender "/dev/null":sync()):find "Invalid argument")
  t.raises("negative size", fs.truncate, path, -1)
end)

t.test("an appender's lines are there at once", function()
  local path = root .. "/lines.csv"
  local a <close> = fs.appender(path)
  t.equal(a:write "one\n", true)
  t.equal(fs.read_file(path), "one\n")
  local b = fs.appender(path)
  b:write "two\n"
  a:write "three\n"
  t.equal(fs.read_file(path), "one\ntwo\nthree\n")
  b:close()
  b:close()
  t.raises("closed", b.write, b, "x")
end)

t.test("a full disk is a sentence", function()
  if not fs.stat "/dev/full" then t.skip "no /dev/full here" end
  local full <close> = fs.appender "/dev/full"
  local ok, why = full:write "x"
  t.equal({ ok, why }, { nil, "No space left on device" })
end)

t.test("remove_tree takes links, never what they point to", function()
  fs.mkdirs(root .. "/tree/deep/er")
  fs.mkdirs(root .. "/outside")
  t.write(root .. "/outside/keep", "k")
  t.write(root .. "/tree/deep/er/f", "f")
  os.execute(("ln -s ../outside '%s/tree/link'; ln -s /nowhere '%s/tree/dangling'"):format(root, root))
  t.equal(fs.remove_tree(root .. "/tree"), true)
  t.equal(fs.stat(root .. "/tree"), nil)
  t.equal(t.read(root .. "/outside/keep"), "k")
  t.equal(fs.remove_tree(root .. "/tree"), true)
  os.execute(("ln -s outside '%s/link'"):format(root))
  t.equal(fs.remove_tree(root .. "/link"), true)
  t.equal(t.read(root .. "/outside/keep"), "k")
end)

t.test("a lock has one holder", function()
  local path = root .. "/LOCK"
  local lock = fs.lock(path, "me\n")
  t.equal(t.read(path), "me\n")
  local other, why, code = fs.lock(path, "you\n")
  t.equal({ other, code }, { nil, "held" })
  t.truthy(why:find(path, 1, true))
  t.equal(t.read(path), "me\n")
  lock:release()
  lock:release()
  local again <close> = fs.lock(path)
  t.equal(t.read(path), "")
  local none, reason, kind = fs.lock(root .. "/file/LOCK")
  t.equal({ none, kind }, {})
  t.truthy(reason:find("Not a directory", 1, true))
end)

t.test("paths are checked", function()
  t.raises("zero byte", fs.mkdir, "a\0b")
  t.raises("empty path", fs.list, "")
end)

t.test("rename, remove, time and place", function()
  t.equal(fs.rename(root .. "/whole", root .. "/renamed"), true)
  t.equal(fs.remove(root .. "/renamed"), true)
  t.equal(fs.remove(root .. "/renamed"), nil)
  t.truthy(fs.now():find "^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$")
  local before = fs.seconds()
  t.truthy(fs.seconds() >= before and #fs.host() > 0 and fs.pid() > 0)
end)

t.test("the hash is XXH3, 128 bits", function()
  t.equal(hash.xxh128 "", "99aa06d3014798d86001c324468d497f")  -- the reference's value for no bytes
  t.equal(#hash.xxh128(("x"):rep(1000)), 32)
  t.truthy(hash.xxh128 "a" ~= hash.xxh128 "b")
  t.equal(math.type(hash.results_version), "integer")
end)

t.done()
