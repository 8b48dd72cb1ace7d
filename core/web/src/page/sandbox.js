// Shows the two panes afresh every second, and the pictures that were chosen before they are sent. The
// page works without this: sending is a plain form.
(function () {
  "use strict";
  var form = document.getElementById("compose");
  var panes = {
    phone: document.getElementById("bubbles"),
    timeline: document.getElementById("timeline")
  };
  var shown = {};

  function show(name, fragment) {
    if (shown[name] === fragment) { return; }
    shown[name] = fragment;
    panes[name].innerHTML = fragment;
    if (name === "phone") { panes.phone.scrollTop = panes.phone.scrollHeight; }
  }

  function refresh() {
    var address = form.dataset.view + "?phone=" + encodeURIComponent(form.elements.phone.value);
    fetch(address, { cache: "no-store" })
      .then(function (answer) {
        if (!answer.ok) { throw new Error("status " + answer.status); }
        return answer.json();
      })
      .then(function (view) {
        show("phone", view.phone);
        show("timeline", view.timeline);
      })
      .catch(function () { /* The bridge restarts, perhaps: the next second will tell. */ })
      .then(function () { setTimeout(refresh, 1000); });
  }

  var files = form.elements.pictures;
  var preview = document.getElementById("preview");

  function chosen() {
    var bytes = 0;
    Array.prototype.forEach.call(preview.children, function (shot) { URL.revokeObjectURL(shot.src); });
    preview.textContent = "";
    Array.prototype.forEach.call(files.files, function (file) {
      var shot = document.createElement(/^video\//.test(file.type) ? "video" : "img");
      shot.src = URL.createObjectURL(file);
      shot.alt = shot.title = file.name;
      preview.appendChild(shot);
      bytes += file.size;
    });
    var over = bytes > Number(files.dataset.bytesMax);
    files.setCustomValidity(over ? "That is too much for one text: 25 MB in all." : "");
    form.elements.body.required = files.files.length === 0;
  }

  files.addEventListener("change", chosen);
  chosen();
  panes.phone.scrollTop = panes.phone.scrollHeight;
  refresh();
})();
