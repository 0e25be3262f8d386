type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'clear'>

const untilThePageIsLeft = (): Kept => {
  const values = new Map<string, string>()
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => values.set(key, value),
    removeItem: (key) => values.delete(key),
    clear: () => values.clear(),
  }
}

/** A browser that blocks cookies throws where a storage is only named, which would leave the page empty. */
const storageOf = (name: 'localStorage' | 'sessionStorage'): Kept => {
  try {
    return globalThis[name] ?? untilThePageIsLeft()
  } catch {
    return untilThePageIsLeft()
  }
}

export const browserStorage = storageOf('localStorage')
export const tabStorage = storageOf('sessionStorage')
