/** For the administrator's pages and routes: what is set up wrong. The entry `nest-gatehouse/session/doctor`. */
export { REMEDIES as DOCTOR_REMEDIES, type DoctorCode } from './doctor/remedies.js';
export { SessionDoctor, type DoctorFinding } from './doctor/session-doctor.js';
