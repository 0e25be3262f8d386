import { useMutation } from '@tanstack/react-query'
import { api, base } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/panel.tsx'
import { Screen, usePage } from './screen.tsx'

/** There is no room for another trial, or operators paused new ones. */
export const WaitingScreen = () => {
  const { t } = usePage()
  return (
    <Screen title={t('waiting.title')} lead={t('waiting.lead')}>
      <div className="actions">
        <a className="button quiet" href={`${base()}/#/new`}>
          {t('waiting.again')}
        </a>
      </div>
    </Screen>
  )
}

/** The link of the mail about a deletion opens it. A mail scanner follows links, so a button confirms. */
export const KeepScreen = ({ id, code }: { readonly id: string; readonly code: string }) => {
  const { t, sayProblem } = usePage()
  const keeping = useMutation({
    mutationFn: () => api.POST('/v1/accounts/{id}/reopening', { params: { path: { id } }, body: { code } }),
    // The code must not stay in the address or in the history.
    onSuccess: () => location.replace(`${base()}/sites/#/account`),
  })
  return (
    <Screen title={t('keep.title')} lead={t('keep.lead')}>
      {keeping.isError ? <Notice tone="danger">{sayProblem(keeping.error)}</Notice> : null}
      <div className="actions">
        <Button isBusy={keeping.isPending || keeping.isSuccess} onClick={() => keeping.mutate()}>
          {t('keep.keep')}
        </Button>
        <a className="button plain" href={`${base()}/#/`}>
          {t('confirm.again')}
        </a>
      </div>
    </Screen>
  )
}

/** What a browser without JavaScript gets after the first screen. */
export const MailedScreen = () => {
  const { t } = usePage()
  return (
    <Screen step={2} title={t('mailed.title')} lead={t('mailed.text')}>
      <Notice>{t('mailed.script')}</Notice>
    </Screen>
  )
}
