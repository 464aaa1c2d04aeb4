/** Pictures are asked for as large as the places are that they have on a screen. */

import type { Media, Size } from "./types";

/** Up to so many pixels of the screen a small picture is not seen to be one: it is sent with 320. */
const SMALL = 360;
const RATIO = 16 / 9;

/** Asks for the pictures of these endpoints by their places, now and whenever these change; a hidden place gets none. */
export function fitPlaces(media: Media, places: ReadonlyMap<string, HTMLElement>): void {
  const fit = (): void => media.show(sizesOf(places));
  const watching = new ResizeObserver(fit);
  for (const place of places.values()) watching.observe(place);
  fit();
}

function sizesOf(places: ReadonlyMap<string, HTMLElement>): Map<string, Size> {
  const sizes = new Map<string, Size>();
  for (const [endpoint, { clientWidth, clientHeight }] of places) {
    const size = sizeFor(clientWidth * devicePixelRatio, clientHeight * devicePixelRatio);
    if (size) sizes.set(endpoint, size);
  }
  return sizes;
}

/** The picture that fills a place of so many pixels; undefined: there is no place. */
export function sizeFor(width: number, height: number): Size | undefined {
  const drawn = Math.max(width, height * RATIO);
  if (drawn === 0) return undefined;
  return drawn > SMALL ? "full" : "small";
}
