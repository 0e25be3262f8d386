/** The one version of Stripe's API whose objects the stand-in makes: the one that the official client pins. */
export const apiVersion = '2026-10-28.endive'
