-- rm.lua: `setlab rm KEY ...`: removes runs from the folder of runs.

local arguments = require "lab.util.arguments"
local bytes = require "lab.util.bytes"
local catalog = require "lab.archive.catalog"
local conditions = require "lab.archive.conditions"
local fs = require "lab.c.fs"
local runs_table = require "lab.archive.runs_table"
local shared = require "lab.command.flags"
local store = require "lab.run.store"
local system = require "lab.c.system"

local M = { name = "rm", summary = "remove runs" }

local WHERE = "setlab rm"

local flags = {
  where = { value = "CONDITION", repeated = true, help = "Remove the runs that fit this condition, as in 'setlab runs'; again for further ones, which must all hold." },
  dry_run = { help = "Say what would be removed; remove nothing." },
  yes = { short = "y", help = "Do not ask." },
  runs = shared.flags.runs,
}

M.help = [[
NAME
       setlab rm - remove runs

SYNOPSIS
       setlab rm [OPTIONS] KEY ...
       setlab rm [OPTIONS] --where CONDITION ...

DESCRIPTION
       Removes run folders with all that is in them. KEY is the beginning of a run's key, as
       'setlab runs' prints it, as long as only one run begins so; CONDITION is one of those
       that 'setlab help runs' explains. On a terminal it lists the runs and asks; elsewhere
       it wants --yes.

       A run at which a process works is left alone. A script or a sweep that asks for a run
       that was removed trains it again.

OPTIONS
]] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if all was removed, or nothing by --dry-run or by answer; 1 if a run is at work or
       could not be removed; 2 if the command line was wrong.

EXAMPLES
       setlab rm 3fa9
       setlab rm --where status=failed,damaged --where experiment=study --yes]]

-- Each named run once, or all that fit the conditions.
local function chosen(words, opts)
  local all = catalog.all()
  runs_table.name_runs(all)
  if opts.where and #words > 0 then arguments.fail(WHERE, "give keys or --where, not both") end
  if opts.where then return conditions.filter(WHERE, all, opts.where) end
  local list, seen = {}, {}
  for _, word in ipairs(words) do
    if word:find("/", 1, true) then arguments.fail(WHERE, ("'%s' is a path: give the key of a run in %s"):format(word, store.root())) end
    local entry = conditions.one(WHERE, all, word)
    if not seen[entry.key] then list[#list + 1] = entry end
    seen[entry.key] = true
  end
  return list
end

local function bytes_in(path, depth)
  local sum = 0
  for _, name in ipairs(depth < 8 and fs.list(path) or {}) do
    local stat = fs.stat(path .. "/" .. name)
    if stat and stat.kind == "directory" then sum = sum + bytes_in(path .. "/" .. name, depth + 1)
    elseif stat then sum = sum + stat.size end
  end
  return sum
end

local function sentence(entries)
  local sum = 0
  for _, entry in ipairs(entries) do sum = sum + bytes_in(entry.path, 1) end
  return ("%d run%s, %s"):format(#entries, #entries == 1 and "" or "s", bytes.text(sum))
end

-- Renames the folder first, so that nobody ever finds half a run, while its lock is held.
local function remove(entry)
  local lock, why, held = store.lock(entry.path .. "/LOCK")
  if held then return nil, ("%s is working on this run"):format(store.holder(entry.path)) end
  if not lock then return nil, why end
  local aside = ("%s/.removed-%s-%d"):format(store.root(), entry.key, fs.pid())
  local ok
  ok, why = fs.rename(entry.path, aside)
  lock:release()
  if ok then ok, why = fs.remove_tree(aside) end
  return ok, why
end

-- What an earlier call could not finish.
local function sweep_up()
  for _, name in ipairs(fs.list(store.root()) or {}) do
    if name:find "^%.removed%-%x+%-%d+$" then fs.remove_tree(store.root() .. "/" .. name) end
  end
end

local function agreed(entries, opts)
  if opts.yes then return true end
  if not system.isatty(0) or not system.isatty(2) then arguments.fail(WHERE, ("removing %s: give --yes, since there is no terminal to ask at"):format(sentence(entries))) end
  io.stderr:write(("Remove %s? [y/N] "):format(sentence(entries)))
  local answer = io.stdin:read "l" or ""
  return answer:lower():find "^%s*y" ~= nil
end

local function remove_all(entries)
  local status, removed = 0, 0
  for _, entry in ipairs(entries) do
    local ok, why = remove(entry)
    if ok then removed = removed + 1
    else
      io.stderr:write(("setlab: %s is not removed: %s\n"):format(entry.path, why))
      status = 1
    end
  end
  print(("removed %d run%s"):format(removed, removed == 1 and "" or "s"))
  return status
end

function M.main(words)
  local opts, keys = arguments.parse(WHERE, { words, flags = flags })
  if #keys == 0 and not opts.where then arguments.fail(WHERE, "which run? A key, or --where CONDITION") end
  store.directory = opts.runs or os.getenv "SETLAB_RUNS" or "runs"
  local entries = chosen(keys, opts)
  if #entries == 0 then
    print(("no such run in %s"):format(store.root()))
    return 0
  end
  if opts.dry_run or not opts.yes then
    local text = runs_table.text(entries, nil, runs_table.window())
    if opts.dry_run then print(text) else io.stderr:write(text, "\n") end
  end
  if opts.dry_run then
    print(sentence(entries) .. " would be removed")
    return 0
  end
  if not agreed(entries, opts) then
    print "nothing was removed"
    return 0
  end
  sweep_up()
  return remove_all(entries)
end

return M
