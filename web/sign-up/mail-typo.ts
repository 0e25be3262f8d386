/** Large providers whose names are long enough that one slip makes no other provider. */
const providers = [
  'gmail.com',
  'googlemail.com',
  'hotmail.com',
  'outlook.com',
  'icloud.com',
  'yahoo.com',
  'protonmail.com',
  't-online.de',
  'freenet.de',
]

const endings = new Map([
  ['con', 'com'],
  ['cmo', 'com'],
  ['ocm', 'com'],
  ['vom', 'com'],
  ['comm', 'com'],
])

/** Whether one letter is missing, added or wrong, or two have changed places. The first letter is right: `email.com` exists. */
const isOneSlip = (typed: string, meant: string): boolean => {
  let same = 0
  while (same < typed.length && typed[same] === meant[same]) same += 1
  if (same === 0) return false
  const [left, right] = [typed.slice(same), meant.slice(same)]
  const isSwapped = left[0] === right[1] && left[1] === right[0] && left.slice(2) === right.slice(2)
  return left.slice(1) === right || left === right.slice(1) || left.slice(1) === right.slice(1) || isSwapped
}

/** The address that somebody probably meant; undefined if its domain looks right. */
export const addressMeant = (address: string): string | undefined => {
  const at = address.lastIndexOf('@') + 1
  const domain = address.slice(at).toLowerCase()
  const dot = domain.lastIndexOf('.') + 1
  const ended = `${domain.slice(0, dot)}${endings.get(domain.slice(dot)) ?? domain.slice(dot)}`
  const meant = providers.includes(ended) ? ended : (providers.find((known) => isOneSlip(ended, known)) ?? ended)
  return at === 0 || meant === domain ? undefined : `${address.slice(0, at)}${meant}`
}
