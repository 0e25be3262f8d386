import { useQuery } from '@tanstack/react-query'
import { errorOf } from '../api/api-error.ts'
import { hasLocal } from '../api/local-machine.ts'
import { ActButton } from '../ui/button.tsx'
import { Notice } from '../ui/panel.tsx'
import type { DnsRecord } from './domain-words.ts'
import { usePage } from './page.ts'

/** Sets records where the host of this machine looks them up. The API's description lacks the path. */
const setRecords = async (records: readonly DnsRecord[]): Promise<void> => {
  for (const { type, name, value } of records) {
    const body = type === 'TXT' ? { TXT: value } : { CNAME: value }
    const response = await fetch(`/_local/dns/${name}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw await errorOf(response)
  }
}

/** On one's own machine, sets in one step what owners set at their DNS provider. */
export const LocalDns = ({
  records,
  onSet,
}: {
  readonly records: readonly DnsRecord[]
  readonly onSet: () => void
}) => {
  const { t } = usePage()
  const { data: isThere } = useQuery({
    queryKey: ['local-dns'],
    queryFn: () => hasLocal('/_local/dns/'),
    staleTime: Infinity,
  })
  return isThere === true ? (
    <Notice>
      <p>{t('record.local')}</p>
      <ActButton act={() => setRecords(records)} onDone={onSet}>
        {t('record.set-here')}
      </ActButton>
    </Notice>
  ) : null
}
