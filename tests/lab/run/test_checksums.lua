-- Checksums of the files in a folder.

local t = dofile "tests/harness.lua"
local checksums = require "lab.run.checksums"
local fs = require "lab.c.fs"
local hash = require "lab.c.hash"

t.test("a file's hash is that of its bytes, however long it is", function()
  local dir = t.tmpdir()
  for _, n in ipairs { 0, 1, 240, 241, 65535, 65536, 65537, 200000 } do
    local text = ("abc\0\xff7"):rep(n // 6 + 1):sub(1, n)
    t.write(dir .. "/x", text)
    t.equal(hash.file(dir .. "/x"), hash.xxh128(text))
  end
end)

t.test("what cannot be read is told", function()
  local dir = t.tmpdir()
  local sum, why = hash.file(dir .. "/nothing")
  t.equal({ sum, why }, { nil, ("cannot open %s/nothing: No such file or directory"):format(dir) })
  sum, why = hash.file(dir)
  t.equal({ sum, why }, { nil, ("cannot read %s: Is a directory"):format(dir) })
  t.raises("empty path", hash.file, "")
  t.raises("zero byte", hash.file, "a\0b")
end)

t.test("of a folder all files count, but for a lock, the result and what is half written", function()
  local dir = t.tmpdir()
  for _, name in ipairs { "LOCK", "result.yaml", "run.yaml", "a.csv", "a.csv.tmp123", "checkpoint.npz",
    "checkpoint.npz.tmp123", "checkpoint.npz.tmp123.vteq0w", "best.npz.tmp9.00A0zz" } do t.write(dir .. "/" .. name, name) end
  assert(fs.mkdirs(dir .. "/inner/deep"))
  t.write(dir .. "/inner/deep/result.yaml", "x")
  t.equal(checksums.files(dir), { "a.csv", "checkpoint.npz", "inner/deep/result.yaml", "run.yaml" })
  t.equal(checksums.of(dir, "checkpoint.npz"), { ["a.csv"] = hash.xxh128 "a.csv", ["run.yaml"] = hash.xxh128 "run.yaml", ["inner/deep/result.yaml"] = hash.xxh128 "x" })
  local sums, why = checksums.of(dir .. "/nothing")
  t.equal({ sums, why:find("nothing", 1, true) ~= nil }, { nil, true })
end)

t.test("what a killed process was writing is told from files of other names", function()
  local temporary = require "lab.util.temporary"
  for name, want in pairs { ["a.tmp1"] = true, ["a.npz.tmp26053.vteq0w"] = true, ["a.tmp"] = false, ["a.tmp1.csv"] = false, ["a.tmp1.backups"] = false,
      ["a.npz.vteq0w"] = false, ["tmp1"] = false, ["a.tmpx"] = false, ["a.npz.tmp1."] = false } do
    t.equal({ name, temporary(name) }, { name, want })
  end
  local dir = t.tmpdir()
  for _, name in ipairs { "a.csv", "a.csv.tmp12", "n.npz", "n.npz.tmp12.vteq0w", "report.new", "x.tmp1.txt" } do t.write(dir .. "/" .. name, name) end
  local found = require "lab.run.store".left_over(dir)
  table.sort(found)
  t.equal(found, { dir .. "/a.csv.tmp12", dir .. "/n.npz.tmp12.vteq0w", dir .. "/report.new" })
end)

t.test("a file that changed or is gone is found, one more is no matter", function()
  local dir = t.tmpdir()
  t.write(dir .. "/a", "a")
  t.write(dir .. "/b", "b")
  local sums = checksums.of(dir)
  t.write(dir .. "/more", "more")
  t.equal({ checksums.verify(dir, sums) }, { "ok", {} })
  t.write(dir .. "/a", "A")
  t.equal({ checksums.verify(dir, sums) }, { "changed", { { name = "a", what = "changed" } } })
  fs.remove(dir .. "/b")
  t.equal({ checksums.verify(dir, sums) }, { "missing", { { name = "a", what = "changed" }, { name = "b", what = "missing" } } })
  t.equal({ (checksums.verify(dir, nil)), (checksums.verify(dir, {})), (checksums.verify(dir, "text")) }, { "none", "none", "none" })
end)

t.done()
