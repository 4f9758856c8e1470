// The overlay itself in a frame, as large as the stream and then made to fit.

/** A form that is being typed into shall not load a page for every letter. */
const PAUSE_MS = 350;

export class Preview {
  #frame;
  #stage;
  #size = [1920, 1080];
  #timer = null;
  #address = "";

  constructor(frame, stage) {
    this.#frame = frame;
    this.#stage = stage;
    new ResizeObserver(() => this.#fit()).observe(stage.parentElement);
  }

  size(text) {
    this.#size = text.split("x").map(Number);
    this.#fit();
  }

  #fit() {
    const [width, height] = this.#size;
    const style = getComputedStyle(this.#stage.parentElement);
    const room = this.#stage.parentElement.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - 2;
    const scale = Math.min(1, room / width);
    this.#frame.style.width = `${width}px`;
    this.#frame.style.height = `${height}px`;
    this.#frame.style.transform = `scale(${scale})`;
    this.#stage.style.width = `${Math.floor(width * scale) + 2}px`;
    this.#stage.style.height = `${Math.floor(height * scale) + 2}px`;
  }

  show(address) {
    if (address === this.#address) return;
    const first = this.#address === "";
    this.#address = address;
    clearTimeout(this.#timer);
    // Replaced and not added to the history: the back button leaves this page.
    this.#timer = setTimeout(() => this.#frame.contentWindow.location.replace(address), first ? 0 : PAUSE_MS);
  }
}
