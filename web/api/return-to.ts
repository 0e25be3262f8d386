import { base } from './base.ts'

const key = 'return-to'

/** Goes to the sign-in, and comes back to this place afterwards. */
export const signInAndReturn = (): void => {
  sessionStorage.setItem(key, `${location.pathname}${location.search}${location.hash}`)
  location.assign(`${base()}/`)
}

/** The place to return to after signing in, once. It is a path of this origin. */
export const takeReturnPath = (): string | undefined => {
  const path = sessionStorage.getItem(key)
  sessionStorage.removeItem(key)
  return path?.startsWith('/') && URL.parse(path, location.origin)?.origin === location.origin ? path : undefined
}
