/**
 * `reply-lost`: done, and nobody hears of it; the client asks again. `throttled`: refused for as long as the function goes on
 * asking. `gone-before`, `gone-after`: the function ends before the call, or once it is done.
 */
export const faultKinds = ['reply-lost', 'throttled', 'gone-before', 'gone-after'] as const
export type FaultKind = (typeof faultKinds)[number]
