-- make_digits.lua: four files in MNIST's format, made up: setlab test-file tests/make_digits.lua FOLDER
-- 300 training and 100 test images of 28 x 28: a bar whose place is its class, on black.
local folder = arg[1]
local function number(n, bytes) return (">I" .. bytes):pack(n) end
for _, set in ipairs { { "train", 300 }, { "t10k", 100 } } do
  local images, labels = {}, {}
  for i = 1, set[2] do
    labels[i] = string.char(i % 10)
    for p = 0, 783 do
      local lit = p // 28 == 4 + 2 * (i % 10) and p % 28 > 5 and p % 28 < 22
      images[#images + 1] = string.char(lit and 100 + (i * 7 + p) % 150 or 0)
    end
  end
  local function write(name, text)
    local file = assert(io.open(("%s/%s-%s"):format(folder, set[1], name), "wb"))
    file:write(text)
    file:close()
  end
  write("images-idx3-ubyte", number(0x803, 4) .. number(set[2], 4) .. number(28, 4) .. number(28, 4) .. table.concat(images))
  write("labels-idx1-ubyte", number(0x801, 4) .. number(set[2], 4) .. table.concat(labels))
end
