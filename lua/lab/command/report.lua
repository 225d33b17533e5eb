-- report.lua: `setlab report SCRIPT.lua ... -o DIR`.
--
-- Each script is woven by a child process (`--one`): its modules, parameters and peak of
-- memory are its own, and one that crashes or calls os.exit takes no other page with it.

local arguments = require "lab.util.arguments"
local fs = require "lab.c.fs"
local options = require "lab.util.options"
local page_file = require "lab.page.file"
local files_used = require "lab.page.files_used"
local pool = require "lab.c.pool"
local shared = require "lab.command.flags"
local store = require "lab.run.store"

local M = { name = "report", summary = "run scripts and weave them into pages" }

local flags = {
  output = { short = "o", value = "DIR", default = "reports/html", help = "Where the pages go; made if it is not there. Default: reports/html." },
  skip_missing_data = { help = "A script whose data set is not on this machine does not count as failed; its page says what to do." },
}
flags.so_far = { help = "Show what is there: a run that is not finished, which another process may be training, is shown as far as it has come, and none is trained." }
for key, rule in pairs(shared.flags) do flags[key] = rule end

M.help = [==[
NAME
       setlab report - run scripts and weave them into pages

SYNOPSIS
       setlab report [OPTIONS] SCRIPT.lua ... [name=value ...]

DESCRIPTION
       Runs each script and writes DIR/NAME.html: its prose, its code, and the figures and
       tables that it shows. A page is one file that needs no other; the data and gnuplot
       script of each figure are kept beside it in DIR/NAME_files. DIR/index.html lists the
       pages of the folder. The path of each page is printed.

       Comments that begin in column one with '-- ', or stand between '--[[' and ']]' alone
       on their lines, are prose: Markdown, with $...$ for mathematics, without a blank after
       the first $ or before the last, and no digit after the last: $5 and $6 stay what they
       are. Pictures that it names come into the page. Lines '--| key: value' above a
       statement set options of what it shows: label, fig-cap, fig-alt, tbl-cap, echo (true,
       false, fold), width, height, index (true: shown at the head
       of the page and on the index), index-order (the page's place there); a value may stand in quotes. All else is code.

       Finished training runs are read back from the folder of runs, so prose and figures
       can be changed without training again. A script that fails gets a page up to the
       point where it failed.

OPTIONS
]==] .. arguments.describe(flags) .. [[


EXIT STATUS
       0 if all scripts ran to their end, 1 if one failed, a page could not be written or a
       picture that its prose names is not there, 2 if the command line was wrong, 130 after
       Ctrl-C.

EXAMPLES
       setlab report experiments/fashion_mnist.lua -o reports/html
       setlab report --profile=quick experiments/*.lua epochs=50]]

-- Two scripts must not write one page, and none may write the index.
local function check_names(scripts)
  local seen = {}
  for _, path in ipairs(scripts) do
    local name = page_file.name_of(path)
    if name == "index" then arguments.fail("setlab report", ("'%s' would overwrite the index of the pages: give the script another name"):format(path)) end
    if seen[name] then arguments.fail("setlab report", ("'%s' and '%s' would both become %s.html"):format(seen[name], path, name)) end
    seen[name] = path
  end
end

-- Makes the folder and sees that it can be written to, before hours of training.
local function prepare_folder(directory)
  local ok, why = fs.mkdirs(directory)
  local probe = directory .. "/.setlab-" .. tostring(os.time())
  if ok then ok, why = fs.write_file(probe, "") end
  if not ok then error(("the pages cannot go to '%s': %s"):format(directory, why), 0) end
  fs.remove(probe)
end

-- Names the pictures that the page does not show; how many they are.
local function report_pictures(path, missing)
  for _, picture in ipairs(missing) do
    io.stderr:write(("%s:%s: the picture '%s' is not on the page: %s\n"):format(path, picture.line or "?", picture.name, picture.why))
  end
  return #missing
end

-- Names what the page refers to and does not have; how much that is.
local function report_references(path, unresolved)
  for _, reference in ipairs(unresolved) do
    io.stderr:write(("%s:%s: %s\n"):format(path, reference.line or "?", reference.message))
  end
  return #unresolved
end

-- Weaves one script in this process; returns the exit status.
local function weave_one(path, opts)
  local target, woven = page_file.weave(path, { folder = opts.output, profile = opts.smoke and "smoke" or opts.profile, keep = opts.keep, record = opts.keep and files_used.record })
  if opts.files then files_used.write(opts.files, path, woven) end
  if not opts.files then print(target) end  -- `setlab watch` knows it
  io.stdout:flush()
  local missing = report_pictures(path, woven.missing) + report_references(path, woven.unresolved)
  if not woven.failure then return missing == 0 and 0 or 1 end
  if woven.failure.absent and opts.skip_missing_data then
    io.stderr:write(("setlab: %s waits for its data: %s\n"):format(path, woven.failure.absent))
    return missing == 0 and 0 or 1
  end
  local cause = woven.failure.cause
  io.stderr:write(woven.failure.full, cause and "\nBefore that, " .. cause or "", "\n")
  return 1
end

-- The words that make a child do the command for one script.
function M.child_words(command, path, opts)
  local words = { command, "--one", "--output=" .. opts.output, opts.skip_missing_data and "--skip-missing-data" or nil }
  for _, key in ipairs { "so_far", "keep", "files", "read_only" } do
    local value = opts[key]
    if value then words[#words + 1] = value == true and "--" .. key:gsub("_", "-") or ("--%s=%s"):format(key, value) end
  end
  if opts.pictures then words[#words + 1] = "--pictures=" .. opts.pictures end
  for _, key in ipairs(options.sorted_keys(shared.flags)) do
    local value = opts[key]
    if value == true then words[#words + 1] = "--" .. key
    elseif value ~= nil then words[#words + 1] = ("--%s=%s"):format(key, value) end
  end
  for _, name in ipairs(options.sorted_keys(opts.overrides)) do words[#words + 1] = name .. "=" .. opts.overrides[name] end
  words[#words + 1] = "--"
  words[#words + 1] = path
  return words
end

-- Weaves all scripts, one child after the other, and the index; returns the exit status.
local function weave_all(scripts, opts)
  local status = 0
  for _, path in ipairs(scripts) do
    local result, why = pool.once(M.child_words("report", path, opts))
    if result == 130 then return 130 end
    if not result or result > 128 then
      io.stderr:write(("setlab: %s: %s; its page is not written\n"):format(path, why or "ended by signal " .. result - 128))
    end
    if result ~= 0 then status = 1 end
  end
  local ok, why = require "lab.page.index".write(opts.output)
  if not ok then error("the index of the pages is not written: " .. why, 0) end
  return status
end

function M.main(words)
  local with_one = { one = { hidden = true }, keep = { hidden = true, value = "FILE" }, files = { hidden = true, value = "FILE" }, read_only = { hidden = true } }
  for key, rule in pairs(flags) do with_one[key] = rule end
  local opts, scripts = arguments.parse("setlab report", { words, flags = with_one, overrides = true })
  if #scripts == 0 then arguments.fail("setlab report", "which script?") end
  if opts.output == "" then arguments.fail("setlab report", "--output needs a folder") end
  opts.output = #opts.output > 1 and opts.output:gsub("/+$", "") or opts.output
  if opts.one then
    shared.prepare(opts)
    store.so_far, store.read_only = opts.so_far or false, opts.read_only or false
    if opts.files then files_used.open() end
    return weave_one(scripts[1], opts)
  end
  check_names(scripts)
  prepare_folder(opts.output)
  return weave_all(scripts, opts)
end

return M
