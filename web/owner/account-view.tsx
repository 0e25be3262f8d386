import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf, signInAndReturn } from '../api/client.ts'
import { showAnswer, useRead } from '../api/query-client.ts'
import { ActButton, Button, LinkButton } from '../ui/button.tsx'
import { Badge, Facts, Notice, Panel } from '../ui/panel.tsx'
import { Sessions } from '../ui/sessions.tsx'
import { Loaded, View } from '../ui/state.tsx'
import { toast } from '../ui/toast.tsx'
import { useTitle } from '../ui/use-page.ts'
import { DeletionDialog } from './dialogs.tsx'
import { usePage } from './page.ts'

const readAccount = () => bodyOf(api.GET('/v1/account'))

/** The version of the text of the consent to marketing: a new text has a new one. */
const marketingText = 'account-1'

interface AccountProps {
  readonly account: Awaited<ReturnType<typeof readAccount>>
  readonly onChange: (account: AccountProps['account']) => void
}

const Deletion = (props: AccountProps) => {
  const { t, format } = usePage()
  const [isAsking, setAsking] = useState(false)
  const { email, deletion } = props.account
  if (deletion === null)
    return (
      <Panel title={t('account.deletion')} variant="wide">
        <p className="quiet-text">{t('account.deletion-text')}</p>
        <div className="actions">
          <Button tone="danger" onClick={() => setAsking(true)}>
            {t('account.close')}
          </Button>
        </div>
        {isAsking ? (
          <DeletionDialog
            title={t('close.title')}
            consequences={[t('close.now'), t('close.later'), t('close.invoices')]}
            label={t('close.confirm', { email })}
            wrong={t('close.wrong')}
            act={t('account.close')}
            remove={(confirm) => bodyOf(api.DELETE('/v1/account', { body: { confirm } }))}
            onDone={(after) => {
              setAsking(false)
              props.onChange(after)
            }}
            onClose={() => setAsking(false)}
          />
        ) : null}
      </Panel>
    )
  const { until } = deletion
  return (
    <Panel title={t('account.deletion')} variant="wide">
      <Notice tone="warning">
        {until === null ? t('account.being-deleted') : t('account.deleted-at', { at: format.instant(until) })}
      </Notice>
      {until === null ? null : (
        <div className="actions">
          <ActButton tone="primary" act={() => bodyOf(api.DELETE('/v1/account/deletion'))} onDone={props.onChange}>
            {t('account.keep')}
          </ActButton>
        </div>
      )}
    </Panel>
  )
}

const chooseSupport = (supportEntry: AccountProps['account']['supportEntry']) =>
  bodyOf(api.PATCH('/v1/account', { body: { supportEntry } }))

const Account = (props: AccountProps) => {
  const { t, settings, sayProblem } = usePage()
  const { email, supportEntry, marketingConsent, deletion } = props.account
  // Until it is kept, the API refuses them.
  const mayChange = deletion === null
  const other = supportEntry === 'allowed' ? 'refused' : 'allowed'
  const text = marketingConsent ? null : marketingText
  const say = (error: unknown) => toast({ text: sayProblem(error), tone: 'danger' })
  return (
    <div className="panels">
      <Panel title={t('account.data')} variant="half">
        <Facts facts={[[t('account.email'), email]]} />
        <p className="quiet-text">{t('account.export-text')}</p>
        <p className="actions">
          <LinkButton tone="quiet" href="/v1/account/export" download>
            {t('account.export')}
          </LinkButton>
        </p>
      </Panel>
      <Panel title={t('support.title')} variant="half" aside={<Badge>{t(`support.${supportEntry}`)}</Badge>}>
        <p>{t(`support.${supportEntry}-text`)}</p>
        {mayChange ? (
          <div className="actions">
            <ActButton
              act={() => chooseSupport(other)}
              onDone={(after) => {
                props.onChange(after)
                const undo = () => chooseSupport(supportEntry).then(props.onChange, say)
                toast({ text: `${t('support.title')}: ${t(`support.${other}`)}`, undo })
              }}
            >
              {t(`support.choose-${other}`)}
            </ActButton>
          </div>
        ) : null}
      </Panel>
      <Panel
        title={t('marketing.title')}
        variant="wide"
        aside={<Badge>{t(marketingConsent ? 'marketing.given' : 'marketing.not-given')}</Badge>}
      >
        <p>{t('marketing.text', { brand: settings.brand })}</p>
        {mayChange || marketingConsent ? (
          <div className="actions">
            <ActButton
              act={() => bodyOf(api.PUT('/v1/account/marketing-consent', { body: { text } }))}
              onDone={props.onChange}
            >
              {t(marketingConsent ? 'marketing.withdraw' : 'marketing.give')}
            </ActButton>
          </div>
        ) : null}
      </Panel>
      <AccountSessions />
      <Deletion {...props} />
    </div>
  )
}

/** The account: who can enter, what is stored, and its end. */
export const AccountView = () => {
  const { t } = usePage()
  useTitle(t('account.title'))
  const queries = useQueryClient()
  const query = useQuery({ queryKey: ['account'], queryFn: readAccount })
  const change = async (changed: AccountProps['account']): Promise<void> => {
    await showAnswer(queries, ['account'], changed)
    // They are suspended, or kept.
    for (const key of ['sites', 'site', 'session']) void queries.invalidateQueries({ queryKey: [key] })
  }
  return (
    <View title={t('account.title')} query={query}>
      {(account) => <Account account={account} onChange={change} />}
    </View>
  )
}

const AccountSessions = () => {
  const { t } = usePage()
  const queries = useQueryClient()
  const query = useRead(['sessions'], (signal) => api.GET('/v1/sessions', { signal }))
  return (
    <Panel title={t('sessions.title')} variant="wide">
      <Loaded query={query}>
        {({ sessions }) => (
          <Sessions
            sessions={sessions}
            end={(id) => api.DELETE('/v1/sessions/{id}', { params: { path: { id } } })}
            endOthers={() => api.DELETE('/v1/sessions')}
            onEnded={(isOwn) => (isOwn ? signInAndReturn() : queries.invalidateQueries({ queryKey: ['sessions'] }))}
          />
        )}
      </Loaded>
    </Panel>
  )
}
