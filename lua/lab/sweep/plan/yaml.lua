-- yaml.lua: a sweep's YAML file as a tree (sweep/plan/tree.lua).
--
-- libyaml finds the structure and lab.c.yaml resolves plain scalars by the core schema of YAML 1.2: 1e-3 is
-- a number, 010 is ten, only true and false (also True, TRUE, ...) are booleans, `yes` and `on` are text.

local faults = require "lab.sweep.plan.yaml_faults"
local fs = require "lab.c.fs"
local tree = require "lab.sweep.plan.tree"
local yaml = require "lab.c.yaml"

local M = {}

local MOST_BYTES = 1 << 20  -- of a file: a sweep takes a few hundred

local make = { scalar = tree.scalar, list = tree.list }

-- A map's keys and values in turn.
function make.map(place, nodes)
  local entries = {}
  for i = 1, #nodes, 2 do
    local key = nodes[i]
    if not key.text or key.kind == "null" then tree.expected(key, "a name as a key") end
    entries[#entries + 1] = { name = key.text, key = key, value = nodes[i + 1] }
  end
  return tree.map(place, entries)
end

-- Line and column, in characters, of byte `at` of a text that is UTF-8 before it.
local function position(text, at)
  local before = text:sub(1, at - 1)
  local line = select(2, before:gsub("\n", "")) + 1
  return line, utf8.len(before:match "[^\n]*$") + 1
end

-- The tree of a text; `file` is its name in messages, `most` how many nodes it may have (default: those
-- of a sweep). Raises a problem.
function M.read(text, file, most)
  local function fail(line, column, message) tree.fail({ place = ("%s:%d:%d"):format(file, line, column) }, "%s", message) end
  if text:find "^\xff\xfe" or text:find "^\xfe\xff" then fail(1, 1, "this is UTF-16; save the file as UTF-8") end
  text = text:gsub("^\239\187\191", ""):gsub("\r\n?", "\n")
  local ok, bad = utf8.len(text)
  if not ok then
    local line, column = position(text, bad)
    fail(line, column, ("this is not UTF-8 (byte 0x%02X); save the file as UTF-8"):format(text:byte(bad)))
  end
  local root, why, line, column = yaml.tree(text, file, make, most)
  if not root then why, line, column = faults.explain(text, why, line, column) end
  local odd, odd_line, odd_column = faults.odd_blanks(text)
  if odd then why, line, column = odd, odd_line, odd_column end
  if why then fail(line, column, why) end
  return root
end

-- The text of a YAML file that is to hold `what`. Raises a problem if there is none, or it cannot be one.
local function read_text(path, what, most_bytes)
  local function fail(...) tree.fail({ place = path == "" and "''" or path }, ...) end
  if path == "" or path:find "%z" then fail("there is no %s to read: the name is empty, or holds a zero byte", what) end
  local stat, why = fs.stat(path)
  if not stat then fail("there is no %s to read: %s", what, why) end
  if stat.kind ~= "file" then fail("a YAML file is expected, but this is %s", stat.kind == "directory" and "a directory" or "not a regular file") end
  if stat.size > most_bytes then fail("%d bytes are too many for a %s; at most %d are read", stat.size, what, most_bytes) end
  local text, problem = fs.read_file(path)
  if not text then fail("%s", problem) end
  return text
end

-- The tree of a sweep's file.
function M.read_file(path) return M.read(read_text(path, "sweep", MOST_BYTES), path) end

-- The tree of a file that a program wrote, and that may be as long as it takes.
function M.read_long_file(path, what) return M.read(read_text(path, what, 1 << 28), path, 1 << 24) end

return M
