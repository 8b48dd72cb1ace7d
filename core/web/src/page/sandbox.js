// Shows the two panes afresh every second. The page works without this: sending is a plain form.
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

  panes.phone.scrollTop = panes.phone.scrollHeight;
  refresh();
})();
