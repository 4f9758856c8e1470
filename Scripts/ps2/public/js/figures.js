// Figures as people read them.

/** 1234567 → "1 234 567", with a thin space that does not break. */
export const whole = (number) => String(Math.round(number ?? 0)).replace(/\B(?=(\d{3})+$)/g, "\u202F");

export function perSecond(rate) {
  if (rate > 0 && rate < 9.95) return rate.toFixed(1);
  return whole(rate);
}

/** How long ago, in the two largest units. */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
