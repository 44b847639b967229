/** What the operator API sends and takes, in its own names. Times are RFC 3339 in UTC. */

export type Language = "zh" | "en";
export type Role = "support" | "admin";
export type Range = "24h" | "7d" | "30d";

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export interface Operator {
  id: string;
  name: string;
  role: Role;
  language: Language;
}

/** Durations in seconds, counted from the answer. */
export interface SignedIn {
  operator: Operator;
  expires_in: number;
  idle_expires_in: number;
}

export interface Me extends SignedIn {
  version: string;
}

export interface Point {
  at: string;
  value: number;
}

export interface Failure {
  errcode: number;
  meaning: string;
  count: number;
  series: Point[];
}

export interface Totals {
  accounts: number;
  accounts_active: number;
  accounts_disabled: number;
  accounts_erasing: number;
  live_sessions: number;
  applications_pending: number;
}

export interface Overview {
  now: string;
  totals: Totals;
  step_seconds: number;
  series: { logins: Point[]; new_accounts: Point[]; live_sessions: Point[] };
  failures: Failure[];
}

export type AccountStatus = "active" | "pending" | "rejected" | "disabled" | "erasing";

/** `phone` is masked. */
export interface AccountItem {
  id: string;
  user_id: string | null;
  nickname: string | null;
  avatar_url: string | null;
  phone: string | null;
  status: AccountStatus;
  created_at: string;
  last_login_at: string | null;
  pool: string;
}

export interface Account extends AccountItem {
  phone_proven_at: string | null;
  disabled_until: string | null;
  reason: string | null;
  claims: Record<string, unknown>;
  username: string | null;
  has_password: boolean;
  erase_at: string | null;
}

export interface Identity {
  app_id: string;
  openid: string;
  unionid: string | null;
  linked_at: string;
}

export interface Session {
  session_id: string;
  app_id: string;
  device: { id: string | null; name: string | null; platform: string | null } | null;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
}

export interface Login {
  at: string;
  app_id: string;
  door: string;
  device_name: string | null;
  device_platform: string | null;
  is_new_account: boolean;
}

export interface Agreement {
  id: string;
  version: string;
  agreed_at: string;
}

export interface AccountDetail {
  account: Account;
  identities: Identity[];
  sessions: Session[];
  logins: Login[];
  history: AuditItem[];
  agreements: Agreement[];
  applications: Application[];
}

export type ConflictKind = "identity_in_same_app" | "user_id" | "phone" | "username" | "password";

export interface MergePreview {
  keep: Account;
  drop: Account;
  moves: { identities: Identity[]; phone: boolean; username: boolean; agreements: number };
  conflicts: { kind: ConflictKind; app_id?: string }[];
  may_merge: boolean;
}

export type ApplicationStatus = "pending" | "approved" | "rejected";

export interface Application {
  id: string;
  account_id: string;
  company_name: string;
  credit_code: string;
  contact_name: string;
  phone: string;
  username: string;
  app_id: string;
  status: ApplicationStatus;
  reason: string | null;
  submitted_at: string;
  decided_at: string | null;
  decided_by: string | null;
}

export type Kind = "mini_program" | "mini_game";
export type Registration = "auto" | "required" | "closed";
export type PhoneConflict = "reject" | "join";

export interface App {
  app_id: string;
  kind: Kind;
  registration: Registration;
  phone_conflict: PhoneConflict;
  pool: string;
  is_disabled: boolean;
  is_read_only: boolean;
  has_push_token: boolean;
  has_encoding_aes_key: boolean;
  has_next_secret: boolean;
  cors_origins: string[];
  created_at: string | null;
}

export interface AppPolicy {
  registration?: Registration;
  phone_conflict?: PhoneConflict;
  push_token?: string;
  encoding_aes_key?: string;
  cors_origins?: string[];
}

export interface NewApp extends AppPolicy {
  app_id: string;
  secret: string;
  kind?: Kind;
  pool?: string;
}

export interface AppCheck {
  ok: boolean;
  code?: string;
}

export const SCOPES = [
  "introspect",
  "accounts:read",
  "phone:read",
  "accounts:write",
  "sessions:revoke",
  "decrypt",
  "access-token",
] as const;
export type Scope = (typeof SCOPES)[number];

export interface ServiceKey {
  id: string;
  name: string;
  scopes: Scope[];
  created_at: string;
  created_by: string;
  last_used_at: string | null;
  revoked_at: string | null;
}

export interface OperatorItem {
  id: string;
  name: string;
  role: Role;
  created_at: string;
  last_sign_in_at: string | null;
  is_disabled: boolean;
}

/** Shown once; `totp_qr_svg` is a picture of `otpauth_url`. */
export interface OperatorSecrets {
  operator: OperatorItem;
  password: string;
  otpauth_url: string;
  totp_qr_svg: string;
}

export type ActorKind = "operator" | "person" | "service" | "host" | "system" | "wechat";

export interface AuditItem {
  id: string;
  at: string;
  kind: string;
  actor: { kind: ActorKind; id: string | null; name: string | null };
  account_id: string | null;
  subject: string | null;
  app_id: string | null;
  reason: string | null;
  data: Record<string, unknown>;
  sealed: boolean;
}

/** `from` and `to` are RFC 3339 times. */
export interface AuditFilter {
  kind?: string;
  actor?: string;
  account_id?: string;
  from?: string;
  to?: string;
}

export interface AuditVerdict {
  ok: boolean;
  lines: number;
  sealed: number;
  first_bad: string | null;
}
