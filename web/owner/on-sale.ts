import type { PageSettings } from '../settings.ts'
import type { Plan } from './billing-words.ts'

/** The plans in the order in which the offer sells them, after the owner's own and those that nobody buys, such as the trial. */
export const onSale = (
  known: readonly Plan[],
  { plans }: PageSettings,
  own: readonly string[] = [],
): readonly Plan[] => {
  if (plans === undefined) return known
  const rank = ({ id }: Plan): number => plans.indexOf(id)
  return known
    .filter(({ id, kind }) => kind !== 'paid' || own.includes(id) || plans.includes(id))
    .toSorted((a, b) => rank(a) - rank(b))
}
