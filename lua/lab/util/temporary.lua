-- temporary.lua: the names of files that a process is writing, and leaves behind when it is killed.
--
-- A file is written under the name NAME.tmpPID and then renamed. libzip, which writes the archives of
-- networks, does the same once more: NAME.tmpPID.XXXXXX, six letters or digits.

-- True if a file of this name was on its way to another one.
return function(name)
  return name:find "%.tmp%d+$" ~= nil or name:find "%.tmp%d+%.%w%w%w%w%w%w$" ~= nil
end
