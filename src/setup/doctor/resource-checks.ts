import type { Finding } from '../../contract/doctor.ts'
import type { Answered } from './exchange.ts'
import { about, type Facts, failed, notTried, ok, plain, type Verdict, warning } from './finding.ts'
import { documentOf, type Evidence, namedIn } from './gather.ts'
import { isRecord, listAt } from './json.ts'

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
            'The document about this address is where the refusal says',
            named ?? '',
            named?.startsWith(`${facts.origin}/`) ? ok('The same as the next one.') : notTried,
          ),
        ]
      : [
          about(
            'resource-named',
            'The document about this address is where the refusal says',
            resourceNamed,
            isDocument,
          ),
        ]),
    about(
      'resource-path',
      'The document about this address is where assistants look first',
      resourceAtPath,
      isDocument,
    ),
    about(
      'resource-root',
      'There is also a document at the root, for older assistants',
      resourceAtRoot,
      (answer) => asWarning(isDocument(answer)),
    ),
    plain(
      'resource',
      'The document names this address exactly',
      facts.url,
      resource(atPath, evidence, facts),
    ),
    plain(
      'authorization-servers',
      'The document says where people sign in',
      facts.issuer,
      atPath === null ? notTried : authorizationServers(listAt(atPath, 'authorization_servers'), facts),
    ),
  ]
}

/** A document that every client can read. */
export function isDocument({ status, headers, json }: Answered): Verdict {
  if (status === 404)
    return failed(
      'document-missing',
      'There is no such document at this place.',
      'The tunnel may lead somewhere else, or pass on only part of the address. Let it pass on every path unchanged.',
    )
  if (status !== 200)
    return failed(
      'document-refused',
      `Reading the document gave ${status}.`,
      'It must be readable for everybody: switch off any access rules of the tunnel.',
    )
  if (!isRecord(json))
    return failed(
      'document-unreadable',
      'The document is not what it should be (not JSON).',
      'Something in between changes what Drawbridge sends. Try another tunnel.',
    )
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(headers.get('content-type') ?? ''))
    return failed(
      'document-mislabelled',
      'The document is not labelled as JSON, so some assistants do not read it.',
      'Something in between changes the Content-Type header. Let your tunnel pass it on unchanged.',
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
  if (named.length === 0) return notTried
  const wrong = named.find(([given, wanted]) => given !== wanted)
  if (wrong === undefined) return ok(facts.url)
  const [given, wanted] = wrong
  const shown = typeof given === 'string' ? given : 'nothing'
  return {
    ...failed(
      'resource-differs',
      `The document names “${shown}”, but the address is “${wanted}”.${difference(shown, wanted)}`,
      'Copy the address from Drawbridge again and use it exactly as it is. If it is right already, your tunnel changes the Host header: let it pass it on.',
    ),
    received: shown,
  }
}

function authorizationServers(given: string[], { issuer }: Facts): Verdict {
  const received = given.join(', ') || 'nothing'
  if (given.length === 0)
    return {
      ...failed(
        'no-sign-in',
        'The document does not say who lets people sign in.',
        'Quit Drawbridge and start it again.',
      ),
      received,
    }
  if (given[0] === issuer)
    return given.length === 1
      ? ok(received)
      : {
          ...warning(
            'more-sign-ins',
            'The document names more than one place to sign in.',
            'Something in between changes it. Use another tunnel.',
          ),
          received,
        }
  return {
    ...failed(
      'sign-in-elsewhere',
      `The document sends people to sign in at “${given[0]}” instead of “${issuer}”.${difference(given[0]!, issuer)}`,
      'Copy the address from Drawbridge again. If it is right already, your tunnel changes the Host header: let it pass it on.',
    ),
    received,
  }
}

/** What people overlook when they compare two addresses: a sentence with a space before it, or nothing. */
export function difference(given: string, wanted: string): string {
  if (given === `${wanted}/`) return ' It has a slash too many at its end.'
  if (`${given}/` === wanted) return ' The slash at its end is missing.'
  if (given.toLowerCase() === wanted.toLowerCase()) return ' They differ in capital letters.'
  if (given.replace(/^http:/, 'https:') === wanted) return ' It says http instead of https.'
  return ''
}
