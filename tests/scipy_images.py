"""Images turned, moved and flipped by SciPy as Keras's ImageDataGenerator has it done, in the format of
`make golden`: scipy_images.py [CASES]. Square ones: there the middle is the same by any convention."""
import sys
import numpy as np
from scipy.ndimage import affine_transform

rng = np.random.default_rng(5)
print("# case channels height width theta_degrees tx ty flip, then a line of input pixels, then a line of expected output pixels")
for case in range(int(sys.argv[1]) if len(sys.argv) > 1 else 40):
    channels, size = int(rng.choice([1, 3])), int(rng.integers(2, 14))
    theta, tx, ty = (0 if case % 5 == k else round(rng.uniform(-a, a), 3) for k, a in enumerate((180, size / 2, size / 2)))
    flip = case % 2
    c, s = np.cos(np.radians(theta)), np.sin(np.radians(theta))
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    move = np.array([[1, 0, tx], [0, 1, ty], [0, 0, 1]])
    swap = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]])
    middle = np.array([[1, 0, size / 2 - 0.5], [0, 1, size / 2 - 0.5], [0, 0, 1]])
    m = swap @ middle @ turn @ move @ np.linalg.inv(middle) @ swap
    image = rng.integers(0, 256, (channels, size, size))
    new = np.stack([affine_transform(p.astype(float), m[:2, :2], m[:2, 2], order=1, mode="nearest") for p in image])
    if flip: new = new[:, :, ::-1]
    print("case", channels, size, size, theta, tx, ty, flip)
    print(*image.ravel())
    print(*(f"{x:.6f}" for x in new.ravel()))
