import { say } from '../../../locales/say.ts'
import type { Finding } from '../../contract/doctor.ts'
import { isObject } from '../../kernel/is-object.ts'
import type { Answered } from './exchange.ts'
import { about, type Facts, failed, notTried, ok, plain, type Verdict, warning } from './finding.ts'
import { documentOf, type Evidence, namedIn } from './gather.ts'
import { listAt } from './json.ts'

/** The document about the resource (RFC 9728), in the three places where clients look for it. */
export function resourceFindings(evidence: Evidence, facts: Facts): Finding[] {
  const { post, resourceNamed, resourceAtPath, resourceAtRoot } = evidence
  const named = post.kind === 'answered' ? namedIn(post.headers.get('www-authenticate')) : null
  const atPath = documentOf(resourceNamed) ?? documentOf(resourceAtPath)
  return [
    ...(resourceNamed === null
      ? [
          plain(
            'resource-named',
            say('doctor.title.resourceNamed'),
            named ?? '',
            named?.startsWith(`${facts.origin}/`) ? ok(say('doctor.sameAsNextOne')) : notTried(),
          ),
        ]
      : [about('resource-named', say('doctor.title.resourceNamed'), resourceNamed, isDocument)]),
    about('resource-path', say('doctor.title.resourcePath'), resourceAtPath, isDocument),
    about('resource-root', say('doctor.title.resourceRoot'), resourceAtRoot, (answer) =>
      asWarning(isDocument(answer)),
    ),
    plain('resource', say('doctor.title.resource'), facts.url, resource(atPath, evidence, facts)),
    plain(
      'authorization-servers',
      say('doctor.title.authorizationServers'),
      facts.issuer,
      atPath === null ? notTried() : authorizationServers(listAt(atPath, 'authorization_servers'), facts),
    ),
  ]
}

/** A document that every client can read. */
export function isDocument({ status, headers, json }: Answered): Verdict {
  if (status === 404)
    return failed(
      'document-missing',
      say('doctor.documentMissing.message'),
      say('doctor.documentMissing.hint'),
    )
  if (status !== 200)
    return failed(
      'document-refused',
      say('doctor.documentRefused.message', { status }),
      say('doctor.documentRefused.hint'),
    )
  if (!isObject(json))
    return failed(
      'document-unreadable',
      say('doctor.documentUnreadable.message'),
      say('doctor.documentUnreadable.hint'),
    )
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(headers.get('content-type') ?? ''))
    return failed(
      'document-mislabelled',
      say('doctor.documentMislabelled.message'),
      say('doctor.documentMislabelled.hint'),
    )
  return ok()
}

export const asWarning = (verdict: Verdict): Verdict =>
  verdict.state === 'failed' ? { ...verdict, state: 'warning' } : verdict

/** RFC 9728 §3.3: the value must be identical to the one that was used, or the client must not go on. */
function resource(document: Record<string, unknown> | null, evidence: Evidence, facts: Facts): Verdict {
  const named: [unknown, string][] = []
  if (document !== null) named.push([document.resource, facts.url])
  const root = documentOf(evidence.resourceAtRoot)
  if (root !== null) named.push([root.resource, `${facts.origin}/mcp`])
  if (named.length === 0) return notTried()
  const wrong = named.find(([given, wanted]) => given !== wanted)
  if (wrong === undefined) return ok(facts.url)
  const [given, wanted] = wrong
  const shown = typeof given === 'string' ? given : say('doctor.nothing')
  return {
    ...failed(
      'resource-differs',
      say('doctor.resourceDiffers.message', { shown, wanted, difference: difference(shown, wanted) }),
      say('doctor.resourceDiffers.hint'),
    ),
    received: shown,
  }
}

function authorizationServers(given: string[], { issuer }: Facts): Verdict {
  const received = given.join(', ') || say('doctor.nothing')
  if (given.length === 0)
    return {
      ...failed('no-sign-in', say('doctor.noSignIn.message'), say('doctor.noSignIn.hint')),
      received,
    }
  if (given[0] === issuer)
    return given.length === 1
      ? ok(received)
      : {
          ...warning('more-sign-ins', say('doctor.moreSignIns.message'), say('doctor.moreSignIns.hint')),
          received,
        }
  return {
    ...failed(
      'sign-in-elsewhere',
      say('doctor.signInElsewhere.message', {
        given: given[0]!,
        issuer,
        difference: difference(given[0]!, issuer),
      }),
      say('doctor.signInElsewhere.hint'),
    ),
    received,
  }
}

/** What people overlook when they compare two addresses: a sentence with a space before it, or nothing. */
export function difference(given: string, wanted: string): string {
  if (given === `${wanted}/`) return ` ${say('doctor.hasSlashTooMany')}`
  if (`${given}/` === wanted) return ` ${say('doctor.slashAtEndMissing')}`
  if (given.toLowerCase() === wanted.toLowerCase()) return ` ${say('doctor.theyDifferInCapital')}`
  if (given.replace(/^http:/, 'https:') === wanted) return ` ${say('doctor.saysHttpInsteadHttps')}`
  return ''
}
