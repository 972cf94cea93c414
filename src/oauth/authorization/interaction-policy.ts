import { errors, interactionPolicy, type KoaContextWithOIDC, type Provider } from 'oidc-provider'

type Interaction = InstanceType<Provider['Interaction']>

/** There is one person: the owner of this Drawbridge. */
export const ownerId = 'owner'

/** The one place at which a request may wait for the owner. */
export interface RequestSlot {
  /** False when it is taken or the window has closed. */
  reserve(ctx: KoaContextWithOIDC): boolean
  begin(ctx: KoaContextWithOIDC, interaction: Interaction): void
  /** Called after every request: gives an unused reservation back. */
  settle(ctx: KoaContextWithOIDC): void
}

/** Renders a page; never a redirect, because it is about us and not about the client. */
class Busy extends errors.CustomOIDCProviderError {
  override readonly status = 409
  override readonly statusCode = 409
  override readonly allow_redirect = false

  constructor() {
    super('busy', 'another app is waiting for the owner')
  }
}

/**
 * The interaction policy: every authorization needs a decision of the owner in the app, whatever cookies the browser
 * brings (RFC 9700 §4.16, MCP Security Best Practices on consent). The checks run after client, redirect URI, PKCE and
 * resource were found good and before anything is stored.
 */
export function ownerDecides(slot: RequestSlot): interactionPolicy.DefaultPolicy {
  const { Check, Prompt } = interactionPolicy
  const decision = new Check('owner', 'the owner has to decide', 'interaction_required', (ctx) => {
    if (ctx.oidc.result?.consent?.grantId !== undefined) return Check.NO_NEED_TO_PROMPT
    if (Array.isArray(ctx.oidc.params?.resource)) throw new errors.InvalidTarget('one resource at a time')
    if (ctx.oidc.promptPending('none')) return Check.REQUEST_PROMPT
    if (!slot.reserve(ctx)) throw new Busy()
    return Check.REQUEST_PROMPT
  })
  // clients may ask for these prompts by name; all of them are this one question
  return [
    new Prompt({ name: 'consent', requestable: true }, decision),
    new Prompt({ name: 'login', requestable: true }),
    new Prompt({ name: 'select_account', requestable: true }),
  ] as unknown as interactionPolicy.DefaultPolicy
}
