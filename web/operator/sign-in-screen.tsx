import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useRef, useState } from 'react'
import { ApiError, api, bodyOf, errorOf } from '../api/client.ts'
import { useRead } from '../api/query-client.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Choice, Field, sendBy, textIn } from '../ui/field.tsx'
import { Notice } from '../ui/panel.tsx'
import { State } from '../ui/state.tsx'
import { rememberPlace, sessionKey, usePage } from './page.tsx'

const roles = ['admin', 'support', 'sales'] as const

/** Shows the view that the address names, as the operator. */
const useEnter = () => {
  const queries = useQueryClient()
  return () => queries.resetQueries({ queryKey: sessionKey })
}

/** The path exists on one's own machine only, so the API's description lacks it. */
const openLocalSession = async (operator: { readonly email: string; readonly role: string }): Promise<void> => {
  const response = await fetch('/_local/operators/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(operator),
  }).catch((error: unknown) => {
    throw new ApiError(0, { detail: String(error) })
  })
  if (!response.ok) throw await errorOf(response)
}

const ThisMachine = () => {
  const { t, sayProblem } = usePage()
  const enter = useEnter()
  const [role, setRole] = useState<string>('admin')
  const opening = useMutation({
    mutationFn: (form: HTMLFormElement) => openLocalSession({ email: textIn(new FormData(form), 'email'), role }),
    onSuccess: enter,
  })
  return (
    <form noValidate onSubmit={sendBy(opening)}>
      <Field
        label={t('sign-in.email')}
        name="email"
        type="email"
        defaultValue="operator@example.com"
        problem={opening.isError ? sayProblem(opening.error) : undefined}
      />
      <Choice
        label={t('sign-in.role')}
        name="role"
        value={role}
        options={roles.map((value) => ({ value, label: t(`role.${value}`) }))}
        onChange={setRole}
      />
      <Button type="submit" isBusy={opening.isPending}>
        {t('sign-in.enter')}
      </Button>
    </form>
  )
}

const MailedCode = () => {
  const { t, sayProblem } = usePage()
  const enter = useEnter()
  const email = useRef('')
  const sending = useMutation({
    mutationFn: () => bodyOf(api.POST('/v1/operator/sign-in', { body: { email: email.current } })),
  })
  const verifying = useMutation({
    mutationFn: ({ id, ...body }: { readonly id: string; readonly code: string; readonly totp: string }) =>
      bodyOf(api.POST('/v1/operator/sign-in/{id}/verification', { params: { path: { id } }, body })),
    onSuccess: enter,
  })
  const attempt = sending.data
  if (attempt === undefined) {
    return (
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (sending.isPending) return
          email.current = textIn(new FormData(event.currentTarget), 'email')
          sending.mutate()
        }}
      >
        <Field
          label={t('sign-in.email')}
          name="email"
          type="email"
          autoComplete="username"
          problem={sending.isError ? sayProblem(sending.error) : undefined}
        />
        <Button type="submit" isBusy={sending.isPending}>
          {t('sign-in.send')}
        </Button>
      </form>
    )
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        const form = new FormData(event.currentTarget)
        if (verifying.isPending) return
        verifying.mutate({ id: attempt.id, code: textIn(form, 'code'), totp: textIn(form, 'totp') })
      }}
    >
      <Notice>{t('sign-in.mailed', { email: email.current })}</Notice>
      <Field label={t('sign-in.code')} name="code" autoCapitalize="characters" autoComplete="off" maxLength={20} />
      <Field
        label={t('sign-in.totp')}
        name="totp"
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={12}
        problem={verifying.isError ? sayProblem(verifying.error) : undefined}
      />
      <Button type="submit" isBusy={verifying.isPending || verifying.isSuccess}>
        {t('sign-in.enter')}
      </Button>
      <Button
        tone="plain"
        onClick={() => {
          verifying.reset()
          sending.reset()
        }}
      >
        {t('sign-in.again')}
      </Button>
    </form>
  )
}

const Hosted = () => {
  const { t } = usePage()
  return (
    <div className="actions">
      <LinkButton href="/v1/operator/sign-in?returnTo=/operator/" onClick={rememberPlace}>
        {t('sign-in.hosted')}
      </LinkButton>
    </div>
  )
}

const ways: Readonly<Record<'hosted' | 'code-and-totp' | 'this-machine', ReactNode>> = {
  hosted: <Hosted />,
  'code-and-totp': <MailedCode />,
  'this-machine': <ThisMachine />,
}

export const SignInScreen = () => {
  const { t } = usePage()
  const method = useRead(['operator-sign-in-method'], () => api.GET('/v1/operator/sign-in/methods'), {
    staleTime: Infinity,
  })
  const hasFailed = new URLSearchParams(location.search).has('signIn')
  if (method.data === undefined) return <State query={method} />
  return (
    <section className="card sign-in">
      <h1>{t('sign-in.title')}</h1>
      <p className="lead">{t(`sign-in.${method.data.method}-lead`)}</p>
      {hasFailed ? <Notice tone="warning">{t('sign-in.failed')}</Notice> : null}
      {ways[method.data.method]}
    </section>
  )
}
