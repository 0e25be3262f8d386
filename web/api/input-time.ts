let last = Number.NEGATIVE_INFINITY
const note = (): void => {
  last = performance.now()
}

// Absent outside browsers.
const listen: unknown = Reflect.get(globalThis, 'addEventListener')
if (typeof listen === 'function') {
  for (const event of ['pointerdown', 'keydown', 'popstate']) listen.call(globalThis, event, note, { capture: true })
}

/** When somebody last used the page, by `performance.now()`. */
export const inputTime = (): number => last
