// From options to the page: colors, size and place.

const rgb = (hex) => {
  const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join("") : hex;
  return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16)).join(" ");
};

/** The properties of css/overlay.css that follow from the options. */
export function properties(options) {
  const strength = options["plate-strength"] / 100;
  return {
    "--accent": `rgb(${rgb(options.accent)})`,
    "--accent-parts": rgb(options.accent),
    "--text": `rgb(${rgb(options.text)})`,
    "--plate": `rgb(${rgb(options.plate)} / ${strength})`,
    "--solid": `rgb(${rgb(options.plate)})`,
    "--page": options.background === "none" ? "transparent" : `rgb(${rgb(options.background)})`,
    "--panel-width": `${options.width / 16}rem`,
    "--margin": `${options.margin}px`,
    "font-size": `${16 * options.scale}px`,
  };
}

export function apply(options, root = document.documentElement) {
  for (const [name, value] of Object.entries(properties(options))) root.style.setProperty(name, value);
  root.dataset.position = options.position;
  root.dataset.show = options.show;
  root.dataset.names = options.names ? "on" : "off";
  root.dataset.motion = options.motion ? "on" : "off";
}
