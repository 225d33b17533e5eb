-- make_digits.lua: four files in MNIST's format, made up: setlab test-file tests/make_digits.lua FOLDER [TRAIN TEST]
-- 300 training and 100 test images of 28 x 28, if nothing else is asked for: a bar whose place is its
-- class, on black. Every 300 images the same come again.
local folder, train, test = arg[1], tonumber(arg[2] or 300), tonumber(arg[3] or 100)
local function number(n, bytes) return (">I" .. bytes):pack(n) end
for _, set in ipairs { { "train", train }, { "t10k", test } } do
  local images, labels, n = {}, {}, set[2]
  for i = 1, math.min(n, 300) do
    labels[i] = string.char(i % 10)
    for p = 0, 783 do
      local lit = p // 28 == 4 + 2 * (i % 10) and p % 28 > 5 and p % 28 < 22
      images[#images + 1] = string.char(lit and 100 + (i * 7 + p) % 150 or 0)
    end
  end
  local function write(name, header, bytes, size)
    local file = assert(io.open(("%s/%s-%s"):format(folder, set[1], name), "wb"))
    file:write(header, (bytes:rep((n + 299) // 300):sub(1, n * size)))
    file:close()
  end
  write("images-idx3-ubyte", number(0x803, 4) .. number(n, 4) .. number(28, 4) .. number(28, 4), table.concat(images), 784)
  write("labels-idx1-ubyte", number(0x801, 4) .. number(n, 4), table.concat(labels), 1)
end
