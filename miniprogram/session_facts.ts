import { auth } from "./auth";

/** `GET /v1/session`: what the server knows of this phone's login. */
export interface SessionFacts {
  session_id: string;
  expires_in: number;
  idle_expires_in: number;
  created_at: string;
  last_seen_at: string;
}

export async function fetchSessionFacts(): Promise<SessionFacts> {
  return (await auth.request<SessionFacts>({ url: "/v1/session" })).data;
}
