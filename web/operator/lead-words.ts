import type { components } from '../../docs/api/openapi.d.ts'
import { usePage } from './use-page.ts'

type Reason = components['schemas']['Lead']['reasons'][number]

/** Says a reason in the language of the page. */
export const useSayReason = (): ((reason: Reason) => string) => {
  const { t, format } = usePage()
  return ({ fact, event, about, value, points }) =>
    `${points > 0 ? '+' : '−'}${Math.abs(points)}: ${t(`reason.${fact}`, { value: format.number(value), event: event ?? t('lead.events') })}${about === undefined ? '' : ` (${about})`}`
}
