let last = Number.NEGATIVE_INFINITY

for (const event of ['pointerdown', 'keydown', 'popstate']) {
  globalThis.addEventListener?.(event, () => (last = performance.now()), { capture: true, passive: true })
}

/** When somebody last used the page, by `performance.now()`. */
export const inputTime = (): number => last
