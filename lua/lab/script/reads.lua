-- reads.lua: what code reads from outside while it works, and whether that is still the same.
--
-- A run's key holds its code and what that captures (run/key.lua). Files that it opens, modules that it
-- requires and environment variables that it asks for are noted here, each with its content, kept with
-- the result, and compared before the result is used again. Scripts get library functions that note what
-- they read (run/guards.lua); what the toolkit reads for itself is not noted.
--
-- Notes go to every frame that is open: of the run, of a module that is being loaded, of a process in a
-- sweep. As a table for a file, a frame is
--
--   files:        path -> hash of the content, or false: there was no such file
--   modules:      name -> { file, hash }, or false: no such module was found
--   environment:  name -> value, or false: not set
--   sets:         known data set -> the folder where it was found
--   programs:     the commands that were started; what they did is not compared
--
-- Paths are relative to the current folder where they lie in it, so that a project may move.

local attempt = require "lab.util.attempt".call
local fs = require "lab.c.fs"
local hash = require "lab.c.hash"
local options = require "lab.util.options"
local system = require "lab.c.system"

local M = {
  find_set = nil,  -- function(name): the folder of a known data set (data/sets.lua)
}

local VARIED = "several contents"     -- in place of a hash: the file changed while the run was at work
local SETTLED = 2e9                   -- nanoseconds after which a file's time vouches for its content

local kinds = { "files", "modules", "environment", "sets", "programs" }
local frames = {}                     -- those that are open, the outermost first

-- ---- contents ---------------------------------------------------------------------------

-- A path as it is kept.
local function plain(path)
  path = path:gsub("/+", "/"):gsub("/%./", "/"):gsub("^%./", "")
  local here = fs.current()
  if here and path:sub(1, #here + 1) == here .. "/" then path = path:sub(#here + 2) end
  return path
end

local known = {} -- path -> { stamp, hash } of files that were last written long before they were hashed

-- The hash of a file's bytes; false if it is not there or cannot be read; nil if it is no plain file.
local function content(path)
  if path == "" or path:find "%z" then return false end
  local found = fs.stat(path)
  if not found then return false end
  if found.kind ~= "file" then return nil end
  local stamp = ("%d %d"):format(found.size, found.mtime_ns)
  if known[path] and known[path].stamp == stamp then return known[path].hash end
  local settled = system.wall() * 1e9 - found.mtime_ns > SETTLED
  local sum = hash.file(path) or false
  known[path] = settled and { stamp = stamp, hash = sum } or nil
  return sum
end

-- The file of a script's module, or nil.
function M.find_module(name)
  return package.searchpath(name, package.path) or package.searchpath(name, package.cpath)
end

-- ---- frames -----------------------------------------------------------------------------

local Frame = {}
Frame.__index = Frame

-- Begins a frame; it ends when it is closed (<close>).
--   given  { inside = "a run function", if clocks and the like are to be refused; folder = of the run: what
--          it keeps there is its own } or nil
function M.open(given)
  local frame = setmetatable({ inside = given and given.inside, folder = given and given.folder and plain(given.folder), own = {} }, Frame)
  for _, kind in ipairs(kinds) do frame[kind] = {} end
  frames[#frames + 1] = frame
  return frame
end

function Frame:__close()
  for i = #frames, 1, -1 do if frames[i] == self then return table.remove(frames, i) end end
end

-- The innermost frame whose code must not depend on the moment, or nil.
function M.inside()
  for i = #frames, 1, -1 do if frames[i].inside then return frames[i] end end
end

local function is_own(frame, path)
  return frame.own[path] or frame.folder and path:sub(1, #frame.folder + 1) == frame.folder .. "/"
end

local function add_file(frame, path, sum)
  if is_own(frame, path) then return end
  local before = frame.files[path]
  if before ~= nil and before ~= sum then sum = VARIED end
  frame.files[path] = sum
end

-- ---- notes ------------------------------------------------------------------------------

-- A file is about to be read. What the kernel makes up, in /proc and /sys, is no file.
function M.note_file(path)
  if #frames == 0 or type(path) ~= "string" or path:find "^/proc/" or path:find "^/sys/" or path == "/dev/null" then return end
  local sum = content(path)
  if sum == nil then
    local kind, frame = fs.stat(path).kind, M.inside()
    if not frame or kind == "directory" then return end
    options.fail(("'%s' is not a regular file: what it gives could not be compared before the result of %s is used again"):format(path, frame.inside))
  end
  path = plain(path)
  for _, frame in ipairs(frames) do add_file(frame, path, sum) end
end

-- A file is about to be written anew: from here on it is the code's own. What was noted of it before stays.
function M.note_written(path)
  if type(path) ~= "string" then return end
  path = plain(path)
  for _, frame in ipairs(frames) do frame.own[path] = true end
end

-- A file gets another name.
function M.note_renamed(from, to)
  if type(from) ~= "string" or type(to) ~= "string" then return end
  from, to = plain(from), plain(to)
  for _, frame in ipairs(frames) do if is_own(frame, from) then frame.own[to] = true end end
end

local function note(kind, name, value)
  for _, frame in ipairs(frames) do frame[kind][name] = value end
end

-- A variable's value as a file can hold it: bytes that are no UTF-8 as their hash; false if it is not set.
local function kept(value) return value and (utf8.len(value) and value or "bytes " .. hash.xxh128(value)) or false end

function M.note_environment(name, value) note("environment", name, kept(value)) end
function M.note_set(name, folder) note("sets", name, plain(folder)) end
function M.note_program(command) note("programs", command, true) end

-- A module is required: file and hash as it was loaded, or false; `read` is the frame of its loading.
function M.note_module(name, module, read)
  note("modules", name, module and { file = plain(module.file), hash = module.hash } or false)
  for _, frame in ipairs(frames) do M.add(frame, read) end
end

-- The hash of a module's file, for note_module.
function M.content(path) return content(path) or VARIED end

-- Adds to a frame what another one noted, or what M.record kept of it.
function M.add(frame, record)
  for path, sum in pairs(record and record.files or {}) do add_file(frame, path, sum) end
  for _, kind in ipairs { "modules", "environment", "sets" } do
    for name, value in pairs(record and record[kind] or {}) do frame[kind][name] = value end
  end
  for k, v in pairs(record and record.programs or {}) do frame.programs[v == true and k or v] = true end
end

-- Adds to all frames what was kept of code whose result is used again.
function M.add_to_all(record)
  for _, frame in ipairs(frames) do M.add(frame, record) end
end

-- What a frame noted, as a table for a file: only what there is.
function M.record(frame)
  local record = {}
  for _, kind in ipairs(kinds) do
    if frame and next(frame[kind]) ~= nil then record[kind] = frame[kind] end
  end
  if record.programs then record.programs = options.sorted_keys(record.programs) end
  return record
end

-- ---- comparing --------------------------------------------------------------------------

-- Is it what M.record makes? A file may say anything.
local function is_record(record)
  if type(record) ~= "table" then return false end
  for _, kind in ipairs(kinds) do
    if record[kind] ~= nil and type(record[kind]) ~= "table" then return false end
    for name, value in pairs(record[kind] or {}) do
      local fits = kind == "modules" and type(value) == "table" and type(value.file) == "string" or value == false
      fits = fits or kind ~= "modules" and type(value) == "string"
      if not fits or kind ~= "programs" and type(name) ~= "string" then return false end
    end
  end
  return true
end

-- A file's path now: files of a known data set are looked for where the set is now.
local function place_now(path, sets)
  for name, folder in pairs(sets or {}) do
    if path:sub(1, #folder + 1) == folder .. "/" then
      local found, now = attempt(M.find_set, name)
      return (found and now or folder) .. path:sub(#folder + 1)
    end
  end
  return path
end

local function compare_files(record, list)
  for path, was in pairs(record.files or {}) do
    local now = content(place_now(path, record.sets)) or false
    if was == VARIED then list[#list + 1] = path .. " changed during the run"
    elseif now ~= was then
      list[#list + 1] = path .. (not now and " no longer exists" or was and " has changed" or " exists now")
    end
  end
end

local function compare_modules(record, list)
  for name, was in pairs(record.modules or {}) do
    local file = M.find_module(name) or was and was.file
    local now = file and content(file) or false
    if now ~= (was and was.hash) then
      list[#list + 1] = ("module '%s' (%s) %s"):format(name, was and was.file or file,
        not now and "no longer exists" or was and "has changed" or "exists now")
    end
  end
end

local function compare_environment(record, list)
  local function show(v) return v and ("'%s'"):format(v) or "not set" end
  for name, was in pairs(record.environment or {}) do
    local now = kept(os.getenv(name))
    if now ~= was then list[#list + 1] = ("environment variable %s is %s, was %s"):format(name, show(now), show(was)) end
  end
end

-- What of a record is not the same any more: a sorted array of phrases, "train.csv has changed"; nil if
-- all of it is.
function M.changed(record)
  if not is_record(record) then return { "the record of what it read is damaged" } end
  local list = {}
  compare_files(record, list)
  compare_modules(record, list)
  compare_environment(record, list)
  table.sort(list)
  return #list > 0 and list or nil
end

return M
