import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { isKind } from '../api/api-error.ts'
import { api, bodyOf } from '../api/client.ts'
import { ActButton, Failure } from '../ui/act-button.tsx'
import { Button, LinkButton } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Facts, Panel } from '../ui/facts.tsx'
import { Field, focusField } from '../ui/field.tsx'
import { Badge, Notice } from '../ui/notice.tsx'
import { Loaded } from '../ui/state.tsx'
import { AccountSessions } from './account-sessions.tsx'
import { usePage } from './use-page.ts'

const readAccount = () => bodyOf(api.GET('/v1/account'))

interface AccountProps {
  readonly account: Awaited<ReturnType<typeof readAccount>>
  readonly onChange: (account: AccountProps['account']) => void
}

/** Says what the deletion of the account does, and asks for its address. */
const CloseDialog = ({ account: { email }, onChange, onClose }: AccountProps & { readonly onClose: () => void }) => {
  const { t } = usePage()
  const closing = useMutation({
    mutationFn: (form: HTMLFormElement) => {
      const confirm = String(new FormData(form).get('confirm') ?? '')
      return bodyOf(api.DELETE('/v1/account', { body: { confirm } }))
    },
    onSuccess: onChange,
    onError: (_error, form) => focusField(form, 'confirm'),
  })
  const isWrong = isKind(closing.error, 'confirmation-wrong')
  return (
    <Dialog title={t('close.title')} isOpen onClose={onClose}>
      <ul className="effects">
        <li>{t('close.now')}</li>
        <li>{t('close.later')}</li>
        <li>{t('close.invoices')}</li>
      </ul>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!closing.isPending) closing.mutate(event.currentTarget)
        }}
      >
        <Field
          label={t('close.confirm', { email })}
          name="confirm"
          maxLength={254}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
          problem={isWrong ? t('close.wrong') : undefined}
        />
        <Failure error={isWrong ? null : closing.error} />
        <div className="actions">
          <Button type="submit" tone="danger" isBusy={closing.isPending}>
            {t('account.close')}
          </Button>
          <Button tone="quiet" onClick={onClose}>
            {t('parts.cancel')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

const Deletion = (props: AccountProps) => {
  const { t, format } = usePage()
  const [isAsking, setAsking] = useState(false)
  const { deletion } = props.account
  if (deletion === null)
    return (
      <Panel title={t('account.deletion')} look="wide">
        <p className="quiet-text">{t('account.deletion-text')}</p>
        <div className="actions">
          <Button tone="danger" onClick={() => setAsking(true)}>
            {t('account.close')}
          </Button>
        </div>
        {isAsking ? <CloseDialog {...props} onClose={() => setAsking(false)} /> : null}
      </Panel>
    )
  const { until } = deletion
  return (
    <Panel title={t('account.deletion')} look="wide">
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

const Account = (props: AccountProps) => {
  const { t } = usePage()
  const { email, supportEntry } = props.account
  const other = supportEntry === 'allowed' ? 'refused' : 'allowed'
  return (
    <div className="panels">
      <Panel title={t('account.data')} look="half">
        <Facts facts={[[t('account.email'), email]]} />
        <p className="quiet-text">{t('account.export-text')}</p>
        <p className="actions">
          <LinkButton tone="quiet" href="/v1/account/export" download>
            {t('account.export')}
          </LinkButton>
        </p>
      </Panel>
      <Panel title={t('support.title')} look="half" aside={<Badge>{t(`support.${supportEntry}`)}</Badge>}>
        <p>{t(`support.${supportEntry}-text`)}</p>
        <div className="actions">
          <ActButton
            act={() => bodyOf(api.PATCH('/v1/account', { body: { supportEntry: other } }))}
            onDone={props.onChange}
          >
            {t(`support.choose-${other}`)}
          </ActButton>
        </div>
      </Panel>
      <AccountSessions />
      <Deletion {...props} />
    </div>
  )
}

/** The account: who can enter, what is stored, and its end. */
export const AccountView = () => {
  const { t } = usePage()
  const queries = useQueryClient()
  const query = useQuery({ queryKey: ['account'], queryFn: readAccount })
  const change = (changed: AccountProps['account']): void => {
    queries.setQueryData(['account'], changed)
    // They are suspended, or kept.
    for (const key of ['sites', 'site']) void queries.invalidateQueries({ queryKey: [key] })
  }
  return (
    <div className="view">
      <h1>{t('account.title')}</h1>
      <Loaded query={query}>{(account) => <Account account={account} onChange={change} />}</Loaded>
    </div>
  )
}
