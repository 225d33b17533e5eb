// Films: maps over time under a slider (lua/lab/figure/film.lua). Each shows itself and takes the place of
// the moving picture, which stays for paper and for readers without JavaScript.
(function () {
  // viridis, as in plots/theme.gp
  var anchors = ["440154", "482878", "3e4a89", "31688e", "26828e", "1f9e89", "35b779", "6dcd59", "b4de2c", "fde725"].map(function (hex) {
    return [0, 2, 4].map(function (i) { return parseInt(hex.substr(i, 2), 16); });
  });
  function viridis(level) {
    var at = level / 254 * (anchors.length - 1), i = Math.min(Math.floor(at), anchors.length - 2);
    return anchors[i].map(function (c, k) { return Math.round(c + (anchors[i + 1][k] - c) * (at - i)); });
  }
  function ink(level) { var v = 255 - level; return [v, v, v]; }

  function bytes(text) {
    return Uint8Array.from(atob(text), function (c) { return c.charCodeAt(0); });
  }
  function paint(canvas, cells, from, colour) {
    var context = canvas.getContext("2d"), n = canvas.width * canvas.height;
    var image = context.createImageData(canvas.width, canvas.height);
    for (var i = 0; i < n; i++) {
      var level = cells[from + i];
      image.data.set(level > 254 ? [0, 0, 0, 0] : colour(level).concat(255), 4 * i);
    }
    context.putImageData(image, 0, 0);
  }

  function start(film) {
    var canvas = film.querySelector("[data-frames]"), beside = film.querySelector("[data-ink]");
    var title = canvas.parentNode.querySelector("p"), button = film.querySelector("button");
    var slider = film.querySelector("input"), told = film.querySelector("output");
    var titles = film.dataset.titles.split("\n"), cells = bytes(canvas.dataset.frames), timer = null;
    function show() {
      var frame = Number(slider.value);
      paint(canvas, cells, (frame - 1) * canvas.width * canvas.height, viridis);
      title.textContent = told.textContent = titles[frame - 1];
      slider.setAttribute("aria-valuetext", titles[frame - 1]);
    }
    function stop() {
      clearInterval(timer);
      timer = null;
      button.textContent = "Play";
    }
    function step() {
      if (slider.value === slider.max) return stop();
      slider.value = Number(slider.value) + 1;
      show();
    }
    button.addEventListener("click", function () {
      if (timer) return stop();
      if (slider.value === slider.max) slider.value = slider.min;
      show();
      button.textContent = "Pause";
      timer = setInterval(step, Number(film.dataset.delay));
    });
    slider.addEventListener("input", function () { stop(); show(); });
    if (beside) paint(beside, bytes(beside.dataset.ink), 0, ink);
    show();
    film.hidden = false;
    if (film.nextElementSibling) film.nextElementSibling.classList.add("replaced");
  }
  document.querySelectorAll(".film").forEach(start);
})();
