import { useMutation, useQuery } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { api, base, bodyOf, enterSite, isKind, withKey } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Choice, Field, focusField } from '../ui/field.tsx'
import { Notice } from '../ui/panel.tsx'
import { offerOfPage } from './offer.ts'
import { screenAt } from './request-code.ts'
import { Screen, usePage } from './screen.tsx'
import { companyOf, suggestSlug } from './suggestions.ts'
import { type SlugProblem, useAddress } from './use-address.ts'
import { useProducts } from './use-sign-in.ts'

interface SiteRequest {
  readonly slug: string
  readonly name: string
  readonly blueprint?: string
  readonly offer?: string
  readonly variant?: string
}

/** Creates a site and enters it; while it is being built, shows the progress. */
const createSite = async (request: SiteRequest): Promise<void> => {
  const site = await withKey(`create ${JSON.stringify(request)}`, (header) =>
    bodyOf(api.POST('/v1/sites', { params: { header }, body: request })),
  )
  // The way back leads past this form, which browsers would show as it was left: busy.
  if (site.status === 'active') await enterSite(site, (place) => location.replace(place))
  else location.assign(screenAt(`building/${site.id}`))
}

interface AddressHintProps {
  readonly address: ReturnType<typeof useAddress>
  readonly onChoose: (slug: string) => void
}

const AddressHint = ({ address, onChoose }: AddressHintProps) => {
  const { t } = usePage()
  if (address.isChecking) return <span>{t('name.checking')}</span>
  if (address.isFree) return <span className="good">{t('name.free', { hostname: address.hostname })}</span>
  if (address.alternatives.length === 0) return null
  return (
    <span className="suggestions">
      {t('name.alternatives')}
      {address.alternatives.map((slug) => (
        <Button key={slug} tone="quiet" onClick={() => onChoose(slug)}>
          {slug}
        </Button>
      ))}
    </span>
  )
}

/** The way on for whoever has sites and came without wanting another. */
export const OwnSites = () => {
  const { t } = usePage()
  const { data } = useQuery({
    queryKey: ['sites'],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/sites', { signal })),
    staleTime: Infinity,
  })
  if (data === undefined || data.sites.length === 0) return null
  return (
    <div className="actions">
      <a className="button plain" href={`${base()}/sites/`}>
        {t('ready.all')}
      </a>
    </div>
  )
}

export const NameForm = ({ email }: { readonly email: string }) => {
  const { t, language, settings, sayProblem } = usePage()
  const { sharedMailDomains, sitesDomain } = settings
  const { products, wanted = '' } = useProducts()
  const [product, setProduct] = useState(wanted)
  const [name, setName] = useState(() => companyOf(email, sharedMailDomains))
  const [ownSlug, setOwnSlug] = useState<string>()
  const [missing, setMissing] = useState<'name' | 'slug'>()
  const slug = ownSlug ?? suggestSlug(name, language)
  const address = useAddress(slug, ownSlug === undefined)
  const creating = useMutation({
    mutationFn: createSite,
    // Leaving the page takes a moment.
    onError: (error) => {
      if (isKind(error, 'waiting-list')) location.assign(screenAt('waiting'))
    },
  })

  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    if (creating.isPending) return
    const chosen = address.suggested ?? slug
    const wrong = name.trim() === '' ? 'name' : chosen === '' ? 'slug' : undefined
    setMissing(wrong)
    if (wrong !== undefined) focusField(event.currentTarget, wrong)
    else {
      const blueprint = products.length > 1 ? { blueprint: product } : {}
      creating.mutate({ slug: chosen, name: name.trim(), ...blueprint, ...offerOfPage(settings, document.cookie) })
    }
  }

  const slugProblem = (problem: SlugProblem | undefined): string | undefined => {
    if (missing === 'slug') return t('name.needs-address')
    if (isKind(creating.error, 'hostname-taken')) return t('slug.taken')
    if (problem !== undefined) return t(`slug.${problem}`)
    return isKind(creating.error, 'hostname-not-allowed') ? sayProblem(creating.error) : undefined
  }
  const changeSlug = (typed: string): void => {
    setOwnSlug(typed.toLowerCase())
    setMissing(undefined)
    if (creating.isError) creating.reset()
  }
  const isAboutSlug = isKind(creating.error, 'hostname-taken', 'hostname-not-allowed')
  const isFull = isKind(creating.error, 'unavailable')
  return (
    <Screen step={3} title={t('name.title')} lead={t('name.lead')}>
      <form noValidate onSubmit={submit}>
        {products.length < 2 ? null : (
          <Choice
            label={t('name.product')}
            name="product"
            value={product}
            onChange={setProduct}
            options={products.map(({ name: value, title: label }) => ({ value, label }))}
          />
        )}
        <Field
          label={t('name.name')}
          name="name"
          autoComplete="organization"
          maxLength={100}
          required
          value={name}
          onChange={({ target }) => {
            setName(target.value)
            setMissing(undefined)
            if (creating.isError) creating.reset()
          }}
          problem={missing === 'name' ? t('name.needs-name') : undefined}
        />
        <Field
          label={t('name.address')}
          name="slug"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={60}
          required
          suffix={`.${sitesDomain}`}
          value={address.suggested ?? slug}
          onChange={({ target }) => changeSlug(target.value)}
          problem={slugProblem(address.problem)}
          hint={<AddressHint address={address} onChoose={changeSlug} />}
        />
        {creating.isError && !isAboutSlug && !isKind(creating.error, 'waiting-list') ? (
          <Notice tone="danger" title={isFull ? t('name.no-room') : undefined}>
            {sayProblem(creating.error)}
            {isKind(creating.error, 'trial-already-used') ? (
              <p>
                <a href={`${base()}/sites/`}>{t('ready.all')}</a>
              </p>
            ) : null}
          </Notice>
        ) : null}
        <Button type="submit" isBusy={creating.isPending || creating.isSuccess}>
          {creating.isSuccess ? t('name.creating') : t('name.create')}
        </Button>
        <OwnSites />
      </form>
    </Screen>
  )
}
