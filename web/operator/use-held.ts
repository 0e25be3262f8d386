import { useState } from 'react'

/** What a form shows: what was loaded last, until somebody types. From then on it stays as it is, whatever is loaded, until `release`. */
export const useHeld = <Loaded extends object>(loaded: Loaded) => {
  const [held, setHeld] = useState<Loaded>()
  return { shown: held ?? loaded, hold: () => setHeld((before) => before ?? loaded), release: () => setHeld(undefined) }
}
