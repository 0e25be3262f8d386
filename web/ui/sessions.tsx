import type { components } from '../api/openapi.d.ts'
import type { ui } from '../texts/catalogues/ui.ts'
import { ActButton } from './button.tsx'
import { Badge } from './panel.tsx'
import { sayBrowser } from './say-browser.ts'
import { Table } from './table.tsx'
import { usePageOf } from './use-page.ts'

interface SessionsProps {
  readonly sessions: readonly components['schemas']['SessionEntry'][]
  readonly end: (id: string) => Promise<unknown>
  readonly endOthers: () => Promise<unknown>
  /** @param isOwn whether it was the session of this browser */
  readonly onEnded: (isOwn: boolean) => unknown
}

/** Where a person is signed in. Each session can be ended, and all others at once. */
export const Sessions = ({ sessions, end, endOthers, onEnded }: SessionsProps) => {
  const { t, format } = usePageOf<keyof typeof ui>()
  return (
    <>
      <Table
        caption={t('sessions.title')}
        rows={sessions}
        idOf={({ id }) => id}
        columns={[
          {
            title: t('sessions.browser'),
            cell: ({ browser, network, current }) => (
              <>
                {sayBrowser({ t }, browser)} {current ? <Badge>{t('sessions.this')}</Badge> : null}
                <small>{network}</small>
              </>
            ),
          },
          { title: t('sessions.used'), from: 'medium', cell: ({ usedAt }) => format.moment(usedAt) },
          {
            title: t('frame.sign-out'),
            variant: 'number',
            cell: ({ id, browser, current }) => (
              <ActButton of={sayBrowser({ t }, browser)} act={() => end(id)} onDone={() => onEnded(current)}>
                {t('frame.sign-out')}
              </ActButton>
            ),
          },
        ]}
      />
      {sessions.some(({ current }) => !current) ? (
        <div className="panel-part">
          <ActButton act={endOthers} onDone={() => onEnded(false)}>
            {t('sessions.end-others')}
          </ActButton>
        </div>
      ) : null}
    </>
  )
}
