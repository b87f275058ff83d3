// What the pages gain where scripts run; without it everything works all the same.

// What has just happened is where the keyboard and the screen reader are.
document.querySelector("[data-focus]")?.focus();

// A task is chosen, and the list beside it stays where it was. Without scripts the address leads to the chosen row.
const place = sessionStorage.getItem("place");
sessionStorage.removeItem("place");
const listed = document.querySelector(".app-chosen")?.getClientRects().length > 0;
if (place !== null && listed) scrollTo(0, Number(place));
for (const link of document.querySelectorAll(".app-row-link")) {
  link.addEventListener("click", () => sessionStorage.setItem("place", scrollY));
}

// A form is sent once: the button says that it is on its way.
for (const button of document.querySelectorAll("button[data-once]")) {
  button.form.addEventListener("submit", (event) => {
    if (button.getAttribute("aria-disabled") === "true") {
      event.preventDefault();
      return;
    }
    button.setAttribute("aria-disabled", "true");
    button.textContent = button.dataset.once;
  });
}

// How many characters are left, told to screen readers only when the typing pauses.
for (const field of document.querySelectorAll("textarea[data-limit]")) {
  const shown = document.createElement("div");
  shown.className = "nhsuk-hint app-count";
  shown.setAttribute("role", "status");
  field.after(shown);
  let pause;
  const tell = () => {
    const left = Number(field.dataset.limit) - [...field.value].length;
    const characters = Math.abs(left) === 1 ? "character" : "characters";
    shown.textContent = left < 0 ? `${-left} ${characters} too many` : `${left} ${characters} left`;
    shown.classList.toggle("nhsuk-error-message", left < 0);
  };
  field.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(tell, 400);
  });
  tell();
}
