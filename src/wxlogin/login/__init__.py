"""The core: what a login is, how long a session lives, who may do what.

Owns the rules and the order of the ten steps. It does not know how a request came in,
where records are kept, or how WeChat is reached: `ports/` says what it asks of those who do.
It imports the standard library and itself alone.

    the ten steps     flow  exchanging  entering  meeting  checks  near
    values and rules  accounts  sessions  tokens  policy  limits  errors  secret  nicknames
    ways in           credentials  verification  phone_codes  registering  registration
    proofs            proofs  passwords  new_passwords  phone_numbers  sources  service_keys
    one's own         own_account  own_sessions  own_password  phones  profiles  identities
                      open_data  leaving
    other servers     service  decryption  pushes
    operators         operators  operator_sessions  account_desk  moderation  applications
                      merging  figures  running_apps  importing  import_rows
    what is told      announcing  auditing  audit_log  audit_export
    others asked      ports/  asking  sms  avatars  content  apps
    all in one hand   core
"""
