import { Badge } from '../ui/notice.tsx'
import type { SiteStatus as Status } from './routes.ts'
import { usePage } from './use-page.ts'

const tones = {
  building: 'info',
  ready: 'info',
  active: 'good',
  asleep: 'info',
  failed: 'danger',
  suspended: 'warning',
  archived: 'warning',
  purged: 'danger',
} as const

/** The state of a site in a word. */
export const SiteStatus = ({ status }: { readonly status: Status }) => {
  const { t } = usePage()
  return <Badge tone={tones[status]}>{t(`status.${status}`)}</Badge>
}
