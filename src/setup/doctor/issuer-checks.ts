import type { Finding } from '../../contract/doctor.ts'
import type { Exchange } from './exchange.ts'
import { about, type Facts, failed, notTried, ok, plain, type Verdict, warning } from './finding.ts'
import { documentOf, type Evidence } from './gather.ts'
import { listAt, textAt } from './json.ts'
import { asWarning, difference, isDocument } from './resource-checks.ts'

type Document = Record<string, unknown>

const places = [
  ['issuer-first', 'The sign-in describes itself where assistants look first'],
  ['issuer-second', 'The sign-in describes itself where assistants look second'],
  ['issuer-third', 'The sign-in describes itself where a few look last'],
] as const

const restart = 'Quit Drawbridge and start it again. If that does not help, it may need an update.'

/** The document about the authorization server (RFC 8414), and what it must promise. */
export function issuerFindings(evidence: Evidence, facts: Facts): Finding[] {
  const documents = evidence.issuerDocuments.map(documentOf)
  const document = documents.find((one) => one !== null) ?? null
  const when = (judge: (document: Document) => Verdict): Verdict =>
    document === null ? notTried : judge(document)
  return [
    ...evidence.issuerDocuments.map((exchange, index) => place(exchange, index)),
    plain(
      'issuer',
      'The sign-in calls itself exactly what assistants expect',
      facts.issuer,
      issuer(documents, facts),
    ),
    plain(
      'endpoints',
      'The sign-in says where to go for each step',
      facts.origin,
      when((one) => endpoints(one, facts)),
    ),
    plain(
      'pkce',
      'The sign-in protects codes on their way (PKCE, S256)',
      'code_challenge_methods_supported',
      when(pkce),
    ),
    plain(
      'iss',
      'The sign-in puts its name on its answers',
      'authorization_response_iss_parameter_supported',
      when(iss),
    ),
    plain(
      'auth-methods',
      'Apps without a secret may sign in',
      'token_endpoint_auth_methods_supported',
      when(methods),
    ),
    plain(
      'introduction',
      'New apps can introduce themselves',
      'registration_endpoint, client_id_metadata_document_supported',
      when(introduction),
    ),
  ]
}

/** Clients take the first that is there, so only the first is needed; the others help those that look elsewhere. */
function place(exchange: Exchange, index: number): Finding {
  const [id, title] = places[index]!
  return about(id, title, exchange, (answer) => {
    const verdict = isDocument(answer)
    return index === 0 ? verdict : asWarning(verdict)
  })
}

/** RFC 8414 §3.3: identical to the issuer it was looked up by, or the document must not be used. */
function issuer(documents: (Document | null)[], facts: Facts): Verdict {
  const there = documents.filter((one) => one !== null)
  if (there.length === 0) return notTried
  const wrong = there.find((one) => one.issuer !== facts.issuer)
  if (wrong === undefined) return ok(facts.issuer)
  const shown = textAt(wrong, 'issuer') ?? 'nothing'
  return {
    ...failed(
      'issuer-differs',
      `The sign-in calls itself “${shown}” instead of “${facts.issuer}”.${difference(shown, facts.issuer)}`,
      'Assistants stop at the slightest difference. If you use a tunnel of your own, let it pass on the Host header and the documents unchanged.',
    ),
    received: shown,
  }
}

function endpoints(document: Document, { origin }: Facts): Verdict {
  const needed = ['authorization_endpoint', 'token_endpoint']
  const optional = document.registration_endpoint === undefined ? [] : ['registration_endpoint']
  const wrong = [...needed, ...optional].filter((name) => !textAt(document, name)?.startsWith(`${origin}/`))
  const received = [...needed, ...optional]
    .map((name) => `${name}: ${textAt(document, name) ?? 'nothing'}`)
    .join('\n')
  if (wrong.length === 0) return ok(received)
  return {
    ...failed(
      'endpoints-elsewhere',
      `The sign-in names addresses that are not its own, or none (${wrong.join(', ')}).`,
      'Something in between changes what Drawbridge sends, or the tunnel changes the Host header. Let it pass everything on unchanged.',
    ),
    received,
  }
}

/** RFC 7636 §4.2. MCP clients must refuse a server that does not promise it. */
function pkce(document: Document): Verdict {
  const given = listAt(document, 'code_challenge_methods_supported')
  const received = given.join(', ') || 'nothing'
  return given.includes('S256')
    ? ok(received)
    : {
        ...failed(
          'no-pkce',
          'The sign-in does not promise the protection that assistants insist on (PKCE with S256).',
          restart,
        ),
        received,
      }
}

/** RFC 9207 §3. */
const iss = (document: Document): Verdict =>
  document.authorization_response_iss_parameter_supported === true
    ? ok('true')
    : {
        ...warning(
          'no-iss',
          'The sign-in does not promise to put its name on its answers.',
          `Newer assistants insist on it. ${restart}`,
        ),
        received: String(document.authorization_response_iss_parameter_supported ?? 'nothing'),
      }

/** ChatGPT and Claude keep no secret for us (`none`). RFC 8414 §2: left out, it means `client_secret_basic`. */
function methods(document: Document): Verdict {
  const given = listAt(document, 'token_endpoint_auth_methods_supported')
  const received = given.join(', ') || 'nothing'
  return given.includes('none')
    ? ok(received)
    : {
        ...failed('no-public-clients', 'Apps that keep no secret, such as ChatGPT, cannot sign in.', restart),
        received,
      }
}

/** A new app needs one of the two: registration (RFC 7591), or an address at which it describes itself. */
function introduction(document: Document): Verdict {
  const registers = textAt(document, 'registration_endpoint') !== null
  const documents = document.client_id_metadata_document_supported === true
  const received = `registration: ${registers ? 'yes' : 'no'}, own documents: ${documents ? 'yes' : 'no'}`
  if (registers && documents) return ok(received)
  if (!registers && !documents)
    return {
      ...failed('no-introduction', 'New apps cannot introduce themselves, so none can connect.', restart),
      received,
    }
  return {
    ...warning(
      registers ? 'no-client-documents' : 'no-registration',
      registers
        ? 'Apps that describe themselves by a document of their own cannot connect that way.'
        : 'Apps that have to be registered first cannot connect.',
      `Many assistants manage with what there is. ${restart}`,
    ),
    received,
  }
}
